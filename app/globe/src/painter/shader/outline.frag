uniform vec4 colour;
uniform float half_width;
in float across;
in float strength;
out vec4 painted;

void main() {
    float cover = clamp(half_width + 0.5 - abs(across), 0.0, 1.0);
    painted = vec4(colour.rgb, colour.a * cover * strength);
}
