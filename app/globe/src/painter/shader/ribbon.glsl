// A straight piece of a line as a quad that faces the screen, one pixel wider than the line for its soft edge.
const float NEAREST_M = 1.0;

struct Ribbon {
    vec4 clip;
    float across;   // device pixels from the middle of the line
    vec3 offset;    // from the eye
    float part;     // 0 at the start, 1 at the end
};

Ribbon ribbon(vec3 from, vec3 to, float half_width) {
    int corner = gl_VertexID;
    bool ends = corner == 1 || corner == 2 || corner == 4;
    float side = corner == 2 || corner == 4 || corner == 5 ? 1.0 : -1.0;
    vec4 a = clip_from_eye * vec4(from, 1.0);
    vec4 b = clip_from_eye * vec4(to, 1.0);
    float start = 0.0;
    float end = 1.0;
    if (a.w < NEAREST_M) start = (NEAREST_M - a.w) / (b.w - a.w);
    if (b.w < NEAREST_M) end = (NEAREST_M - a.w) / (b.w - a.w);
    if (a.w < NEAREST_M && b.w < NEAREST_M) return Ribbon(vec4(2.0, 2.0, 2.0, 1.0), 0.0, vec3(0.0), 0.0);
    vec4 first = mix(a, b, start);
    vec4 last = mix(a, b, end);
    vec2 along = last.xy / last.w * half_px - first.xy / first.w * half_px;
    vec2 normal = length(along) > 1e-4 ? normalize(vec2(-along.y, along.x)) : vec2(0.0, 1.0);
    float reach = half_width + 1.0;
    float part = ends ? end : start;
    vec4 clip = ends ? last : first;
    clip.xy += normal * side * reach / half_px * clip.w;
    return Ribbon(clip, side * reach, mix(from, to, part), part);
}
