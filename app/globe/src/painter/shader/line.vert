in vec3 from_high;
in vec3 from_low;
in vec3 to_high;
in vec3 to_low;
in vec4 from_colour;
in vec4 to_colour;
in float half_widths;
uniform float pixel_ratio;
out float across;
out vec4 colour;
flat out float half_width;

void main() {
    vec3 from = relative(from_high, from_low);
    vec3 to = relative(to_high, to_low);
    half_width = half_widths * pixel_ratio;
    Ribbon piece = ribbon(from, to, half_width);
    gl_Position = piece.clip;
    across = piece.across;
    colour = mix(from_colour, to_colour, piece.part);
    colour.a *= unhidden(piece.offset);
}
