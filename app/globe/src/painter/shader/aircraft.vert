// One aircraft as a square on the screen. The motion is that of motion.rs, term by term.
in vec3 base_high;
in vec3 base_low;
in vec4 motion;    // speed, track, turn rate, acceleration; metres, seconds, radians
in vec4 course;    // stream time of the base, wall time of the correction, climb, altitude
in vec3 ease;      // correction: east, north, up
in uvec4 look;     // red, green, blue, flags
in vec4 doubt;     // half axes of where a ghost may be: along, its growth, across, its growth
uniform vec2 now_s;        // stream, wall
uniform float half_dart;   // half a dart in device pixels
uniform float full_m;      // farther than this darts shrink
uniform float focal_px;    // device pixels
uniform vec3 view_right;
uniform vec3 view_up;
uniform vec3 view_forward;
uniform float pixel_ratio;
out vec2 spot;             // device pixels from the aircraft's middle
flat out vec4 turn;        // from device pixels to the dart's own axes
flat out vec3 tint;
flat out float size;
flat out uint flags;
flat out vec4 round_;      // from device pixels to the axes of that ellipse; zero where there is none

float sinc(float angle) {
    return abs(angle) < 0.01 ? 1.0 - angle * angle / 6.0 : sin(angle) / angle;
}

float travelled(float seconds) {
    float during = clamp(seconds, -ACCELERATION_LASTS_S, ACCELERATION_LASTS_S);
    if (motion.w * during < 0.0) {
        float stop = motion.x / abs(motion.w);
        during = clamp(during, -stop, stop);
    }
    float gained = motion.w * during;
    return (motion.x + gained * 0.5) * during + (motion.x + gained) * (seconds - during);
}

float ease_left() {
    float lasts = clamp(2.0 * length(ease.xy) / max(motion.x, EASE_SLOWEST_MPS), EASE_S, EASE_LONGEST_S);
    float done = clamp((now_s.y - course.y) / lasts, 0.0, 1.0);
    return 1.0 - done * done * (3.0 - 2.0 * done);
}

void main() {
    gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
    flags = look.w;
    vec3 up = normalize(base_high);
    float flat_ = length(up.xy);
    vec3 east = flat_ > 1e-6 ? vec3(-up.y, up.x, 0.0) / flat_ : vec3(0.0, 1.0, 0.0);
    vec3 north = cross(up, east);

    float ahead = clamp(now_s.x - course.x, -LEAD_BACK_S, HORIZON_S);
    float turning = clamp(ahead, -TURN_LASTS_S, TURN_LASTS_S);
    float turned = motion.z * turning;
    float arc = travelled(turning);
    float chord = arc * sinc(turned * 0.5);
    float straight = travelled(ahead) - arc;
    float bearing = motion.y + turned * 0.5;
    float track = motion.y + turned;
    float left = ease_left();
    vec3 step_m = east * (chord * sin(bearing) + straight * sin(track) + left * ease.x)
        + north * (chord * cos(bearing) + straight * cos(track) + left * ease.y);
    float climb = (flags & ON_GROUND) != 0u ? 0.0 : course.z * ahead + left * ease.z;
    float angle = length(step_m) / EARTH_M;
    float half_sin = sin(angle * 0.5);
    // The new vertical less the old one; taken apart, the difference keeps its digits.
    vec3 swing = step_m * (sinc(angle) / EARTH_M) - up * (2.0 * half_sin * half_sin);
    vec3 offset = relative(base_high, base_low) + swing * (EARTH_M + course.w + climb) + up * climb;
    vec3 up_now = normalize(up + swing);
    vec3 heading = east * sin(track) + north * cos(track);
    vec3 forward = heading - (up + up_now) * (dot(heading, up_now) / (1.0 + dot(up, up_now)));

    vec4 clip = clip_from_eye * vec4(offset, 1.0);
    if (clip.w < 10.0 || unhidden(offset) == 0.0) return;

    // Lean the dart towards the eye, so that it stays legible from the side.
    vec3 lean = normalize(up_now - 0.75 * normalize(offset));
    forward = normalize(forward - lean * dot(forward, lean));
    vec3 right = cross(forward, lean);
    vec2 from_middle = vec2(dot(offset, view_right), dot(offset, view_up)) / clip.w;
    vec2 ahead_px = vec2(dot(forward, view_right), dot(forward, view_up)) - from_middle * dot(forward, view_forward);
    vec2 right_px = vec2(dot(right, view_right), dot(right, view_up)) - from_middle * dot(right, view_forward);

    // Legible at every height; from close by, as large as an airliner is.
    size = max(half_dart * clamp(sqrt(full_m / clip.w), 0.4, 1.0), AIRLINER_M * 0.5 / clip.w * focal_px);
    if ((flags & EMERGENCY) != 0u) size *= 1.25;
    if ((flags & (SELECTED | HOVERED)) != 0u) size *= 1.12;
    mat2 axes = mat2(right_px, ahead_px) * size;
    float area = determinant(axes);
    if (abs(area) < 1e-3) return;
    mat2 back = inverse(axes);
    turn = vec4(back[0], back[1]);
    tint = vec3(look.xyz) / 255.0;
    float reach = size * 1.1 + 4.0 * pixel_ratio;
    if ((flags & (SELECTED | HOVERED | EMERGENCY)) != 0u) reach += 12.0 * pixel_ratio;
    round_ = vec4(0.0);
    if ((flags & GHOST) != 0u) {
        float age = now_s.x - course.x;
        vec2 half_axes = vec2(doubt.z + doubt.w * age, doubt.x + doubt.y * age) / clip.w * focal_px;
        float largest = max(half_axes.x, half_axes.y);
        mat2 doubted = mat2(right_px * half_axes.x, ahead_px * half_axes.y);
        if (largest > size * 1.3 && largest < 240.0 * pixel_ratio && abs(determinant(doubted)) > 1.0) {
            mat2 inside = inverse(doubted);
            round_ = vec4(inside[0], inside[1]);
            reach = max(reach, largest + 2.0 * pixel_ratio);
        }
    }
    int corner = gl_VertexID;
    vec2 side = vec2(corner == 1 || corner == 2 || corner == 4 ? 1.0 : -1.0, corner == 2 || corner == 4 || corner == 5 ? 1.0 : -1.0);
    spot = side * reach;
    gl_Position = clip;
    gl_Position.xy += spot / half_px * clip.w;
}
