in vec3 from_high;
in vec3 from_low;
in vec3 to_high;
in vec3 to_low;
uniform float half_width;
out float across;
out float strength;

void main() {
    vec3 from = relative(from_high, from_low);
    vec3 to = relative(to_high, to_low);
    // Ground beyond the horizon leans away from the eye.
    vec3 up = normalize(from_high);
    float facing = -dot(from, up) / length(from);
    Ribbon piece = ribbon(from, to, half_width);
    gl_Position = facing < -0.01 ? vec4(2.0, 2.0, 2.0, 1.0) : piece.clip;
    across = piece.across;
    strength = smoothstep(0.0, 0.05, facing);
}
