// Space, air, water and land, each pixel on its own: the Earth is the exact sphere at every height.
uniform vec3 eye;           // Earth radii
uniform float outside;      // |eye|^2 - 1
uniform vec3 ray_forward;
uniform vec3 ray_right;     // reaches to the right edge of the picture
uniform vec3 ray_up;        // reaches to its top edge
uniform float pixel_angle;
uniform float limb_angle;   // of the limb from the nadir
uniform float haze_angle;   // within which the air over the limb fades
uniform float graticule_deg;
uniform float graticule_strength;
uniform vec4 sun;           // direction, and whether there is one
uniform float night;
uniform float stars;
uniform float low;          // 1 where the eye is within the air, 0 far above
uniform vec3 space_colour;
uniform vec3 ocean_colour;
uniform vec3 land_colour;
uniform vec3 graticule_colour;
uniform vec3 atmosphere_colour;
uniform vec3 twilight_colour;
// Land, in up to three squares from fine to coarse.
uniform sampler2D land_0;
uniform sampler2D land_1;
uniform sampler2D land_2;
uniform vec3 land_east[3];
uniform vec3 land_north[3];
uniform vec3 land_up[3];
uniform vec4 land_place[3]; // where the eye is in the square's axes (Earth radii), half side, texels per side

in vec2 at;
out vec4 painted;

float hash(vec3 p) {
    p = fract(p * vec3(443.897, 441.423, 437.195));
    p += dot(p, p.yzx + 19.19);
    return fract((p.x + p.y) * p.z);
}

vec3 sky(vec3 ray, float nearest) {
    float above = acos(clamp(nearest / sqrt(outside + 1.0), -1.0, 1.0)) - limb_angle;
    vec3 limb = normalize(eye + ray * max(nearest, 0.0));
    float day = sun.w > 0.0 ? smoothstep(-0.25, 0.30, dot(limb, sun.xyz)) : 1.0;
    float x = max(above, 0.0) / haze_angle;
    // A thin bright line at the limb and a wide faint glow around it.
    // From close by it is a sky, which stays behind the aircraft.
    float near = mix(0.45, 1.0, smoothstep(0.0, 0.06, outside));
    float air = (0.62 * exp(-x * 2.6) + 0.30 * exp(-x * 0.75)) * mix(0.16, 1.0, day) * near;
    float height = max(above, 0.0);
    float dome = (0.58 * exp(-height * 7.0) + 0.30 * exp(-height * 1.1)) * mix(0.30, 1.0, day);
    air = mix(air, dome, low);
    vec3 colour = space_colour;
    if (stars > 0.0) {
        vec3 cell = floor(ray * 56.0);
        float draw = hash(cell);
        vec3 star = normalize(cell + 0.5 + 0.55 * (vec3(hash(cell + 7.0), hash(cell + 13.0), hash(cell + 29.0)) - 0.5));
        float far = length(ray - star) / pixel_angle;
        float size = 0.7 + 0.7 * fract(draw * 61.0);
        float light = step(0.935, draw) * (0.12 + 0.55 * pow(fract(draw * 173.0), 3.0));
        colour += stars * (1.0 - low * day) * light * smoothstep(size + 0.6, size - 0.6, far) * (1.0 - air);
    }
    return mix(colour, atmosphere_colour, clamp(air, 0.0, 1.0));
}

vec2 square(int level, vec3 hit, vec3 up) {
    vec2 flat_ = vec2(dot(hit, land_east[level]), dot(hit, land_north[level])) + land_place[level].xy;
    return flat_ * (2.0 / (1.0 + dot(up, land_up[level]))) / land_place[level].z;
}

float coverage(sampler2D land, vec2 place, float texels, vec2 across) {
    float value = texture(land, place * 0.5 + 0.5).r;
    // Where a texel is larger than a pixel the edge is drawn a pixel wide, not a texel.
    float pixels = 1.0 / max(max(across.x, across.y) * 0.5 * texels, 1e-6);
    float soft = clamp(0.5 / max(pixels, 1.0), 0.08, 0.5);
    return smoothstep(0.5 - soft, 0.5 + soft, value);
}

float land_at(vec3 hit, vec3 up) {
    vec2 p0 = square(0, hit, up);
    vec2 p1 = square(1, hit, up);
    vec2 p2 = square(2, hit, up);
    float c0 = coverage(land_0, p0, land_place[0].w, fwidth(p0));
    float c1 = coverage(land_1, p1, land_place[1].w, fwidth(p1));
    float c2 = coverage(land_2, p2, land_place[2].w, fwidth(p2));
    vec2 a0 = abs(p0);
    vec2 a1 = abs(p1);
    float value = c2;
    if (max(a1.x, a1.y) < 0.995) value = c1;
    if (max(a0.x, a0.y) < 0.995) value = c0;
    return value;
}

float graticule(vec3 up) {
    float flat_ = length(up.xy);
    float lat = degrees(atan(up.z, flat_)) / graticule_deg;
    float lon = degrees(atan(up.y, up.x)) / graticule_deg;
    // Across the antimeridian the longitude jumps by a whole number of lines; fract does not.
    float lon_step = min(fwidth(lon), fwidth(fract(lon * graticule_deg / 360.0)) * 360.0 / graticule_deg);
    vec2 width = max(vec2(fwidth(lat), lon_step), 1e-9);
    vec2 away = abs(fract(vec2(lat, lon) - 0.5) - 0.5) / width;
    vec2 line = 1.0 - smoothstep(0.2, 1.1, away);
    // No meridians where they crowd, at the poles and the limb.
    line *= 1.0 - smoothstep(0.04, 0.16, width);
    line.y *= smoothstep(0.02, 0.10, flat_);
    return max(line.x, line.y);
}

vec3 ground(vec3 ray, float nearest, float depth) {
    vec3 hit = ray * (outside / max(nearest + sqrt(max(depth, 0.0)), 1e-6));
    vec3 up = normalize(eye + hit);
    float steep = clamp(-dot(ray, up), 0.0, 1.0);
    float land = land_at(hit, up);
    vec3 colour = mix(ocean_colour, land_colour, land);
    colour = mix(colour, graticule_colour, graticule(up) * graticule_strength * (1.0 - 0.45 * land));
    float day = 1.0;
    if (sun.w > 0.0) {
        float height = dot(up, sun.xyz);
        day = smoothstep(-0.22, 0.10, height);
        float noon = smoothstep(0.0, 1.0, height);
        // Night keeps a little more blue than it keeps of the rest.
        colour *= mix(1.0 - night * vec3(1.08, 1.0, 0.80), vec3(1.0), day) * (1.0 + 0.22 * night * noon);
        float dusk = exp(-pow((height + 0.045) / 0.075, 2.0));
        colour = mix(colour, twilight_colour, 0.13 * dusk);
    }
    float rim = pow(1.0 - steep, 3.5);
    // From close by there is less air between the eye and the ground.
    float air = rim * mix(0.26, 0.52, smoothstep(0.0, 0.4, outside));
    // Towards the horizon the ground goes into the haze that the sky begins with.
    float far = length(hit) / sqrt(outside);
    air = mix(air, 0.60 * pow(clamp(far, 0.0, 1.0), 1.4) * mix(0.6, 1.0, rim), low);
    return mix(colour, atmosphere_colour, air * mix(mix(0.2, 0.3, low), 1.0, day));
}

void main() {
    vec3 ray = normalize(ray_forward + at.x * ray_right + at.y * ray_up);
    float nearest = -dot(eye, ray);
    float depth = nearest * nearest - outside;
    // How far outside the limb the line of sight passes, in pixels.
    float limb_px = nearest > 0.0 ? -0.5 * depth / (nearest * pixel_angle) : 1e3;
    float cover = clamp(0.5 - limb_px, 0.0, 1.0);
    vec3 above = sky(ray, nearest);
    vec3 below = ground(ray, nearest, depth);
    vec3 colour = mix(above, below, cover);
    // Half a step of noise, or the slow gradients show bands.
    colour += (hash(vec3(gl_FragCoord.xy, 1.0)) - 0.5) / 255.0;
    painted = vec4(colour, 1.0);
}
