// The silhouette as a signed distance, so that fill, outline and hollow are crisp at every size.
uniform vec3 outline_colour;
uniform vec3 accent_colour;
uniform vec3 alarm_colour;
uniform float pixel_ratio;
in vec2 spot;
flat in vec4 turn;
flat in vec3 tint;
flat in float size;
flat in uint flags;
flat in vec4 round_;
out vec4 painted;

float segment(vec2 p, vec2 a, vec2 b) {
    vec2 pa = p - a;
    vec2 ba = b - a;
    return length(pa - ba * clamp(dot(pa, ba) / dot(ba, ba), 0.0, 1.0));
}

// The dart: nose, swept tail, notch.
float dart(vec2 p) {
    p.x = abs(p.x);
    vec2 nose = vec2(0.0, 1.0);
    vec2 tail = vec2(0.66, -0.86);
    vec2 notch = vec2(0.0, -0.50);
    float far = min(segment(p, nose, tail), segment(p, tail, notch));
    vec2 leading = tail - nose;
    vec2 trailing = notch - tail;
    bool inside = leading.x * (p.y - nose.y) - leading.y * (p.x - nose.x) < 0.0
        && trailing.x * (p.y - tail.y) - trailing.y * (p.x - tail.x) < 0.0;
    return (inside ? -far : far) - 0.045;
}

// A four-cornered plate, corners against the clock.
float plate(vec2 p, vec2 a, vec2 b, vec2 c, vec2 d) {
    float far = min(min(segment(p, a, b), segment(p, b, c)), min(segment(p, c, d), segment(p, d, a)));
    vec4 sides = vec4(
        (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x),
        (c.x - b.x) * (p.y - b.y) - (c.y - b.y) * (p.x - b.x),
        (d.x - c.x) * (p.y - c.y) - (d.y - c.y) * (p.x - c.x),
        (a.x - d.x) * (p.y - d.y) - (a.y - d.y) * (p.x - d.x)
    );
    return all(greaterThan(sides, vec4(0.0))) ? -far : far;
}

// An airliner from above, for when there is room for it.
float airliner(vec2 p) {
    p.x = abs(p.x);
    float body = segment(p, vec2(0.0, 0.86), vec2(0.0, -0.86)) - mix(0.12, 0.06, smoothstep(-0.2, -0.95, p.y));
    float wing = plate(p, vec2(0.0, -0.10), vec2(0.96, -0.42), vec2(0.96, -0.30), vec2(0.0, 0.36)) - 0.03;
    float tail = plate(p, vec2(0.0, -0.86), vec2(0.38, -0.99), vec2(0.38, -0.90), vec2(0.0, -0.62)) - 0.025;
    return min(body, min(wing, tail));
}

void main() {
    vec2 own = mat2(turn.xy, turn.zw) * spot;
    // A ghost stays a dart: hollow, the thin body of the airliner would be all outline.
    bool ghost = (flags & GHOST) != 0u;
    float shape = mix(dart(own), airliner(own), ghost ? 0.0 : smoothstep(9.5, 10.5, size / pixel_ratio));
    float far = shape / max(fwidth(shape), 1e-5);
    float fill = clamp(0.5 - far, 0.0, 1.0);
    vec4 colour;
    if (ghost) {
        float stroke = clamp(0.75 * pixel_ratio + 0.5 - abs(far + 0.6 * pixel_ratio), 0.0, 1.0);
        float inner = clamp(-far - 1.0, 0.0, 1.0) * 0.10;
        colour = vec4(tint, max(stroke * 0.75, inner));
        if (round_ != vec4(0.0)) {
            vec2 place = mat2(round_.xy, round_.zw) * spot;
            float out_ = length(place) - 1.0;
            float rim = clamp(0.5 * pixel_ratio + 0.5 - abs(out_) / max(fwidth(out_), 1e-5), 0.0, 1.0);
            float dash = step(0.4, fract(atan(place.y, place.x) * 5.0929582));
            colour.a = max(colour.a, max(rim * dash * 0.6, out_ < 0.0 ? 0.07 : 0.0));
        }
    } else {
        float edge = clamp(1.15 * pixel_ratio + 0.5 - far, 0.0, 1.0);
        vec3 body = mix(outline_colour, tint, fill);
        colour = vec4(body, max(fill, edge * 0.80));
    }
    if ((flags & (SELECTED | HOVERED | EMERGENCY)) != 0u) {
        bool selected = (flags & SELECTED) != 0u;
        bool emergency = (flags & EMERGENCY) != 0u;
        float radius = size * 1.1 + (emergency && selected ? 9.0 : 5.0) * pixel_ratio;
        float width = (selected ? 1.0 : 0.75) * pixel_ratio;
        float away = abs(length(spot) - radius);
        float ring = clamp(width + 0.5 - away, 0.0, 1.0) * (selected || emergency ? 1.0 : 0.7);
        float glow = selected ? 0.22 * exp(-away * away / (10.0 * pixel_ratio * pixel_ratio)) : 0.0;
        vec3 ring_colour = emergency && !selected ? alarm_colour : accent_colour;
        // Large enough to be seen for what it is, it needs no ring.
        float light = max(ring, glow) * (1.0 - smoothstep(26.0, 40.0, size / pixel_ratio));
        float below = light * (1.0 - colour.a);
        colour = vec4((colour.rgb * colour.a + ring_colour * below) / max(colour.a + below, 1e-4), colour.a + below);
        if (emergency && selected) {
            float inner = clamp(0.75 * pixel_ratio + 0.5 - abs(length(spot) - size * 1.1 - 4.0 * pixel_ratio), 0.0, 1.0);
            colour = mix(colour, vec4(alarm_colour, 1.0), inner * (1.0 - fill));
        }
    }
    if (colour.a < 0.003) discard;
    painted = colour;
}
