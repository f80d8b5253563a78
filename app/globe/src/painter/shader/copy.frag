uniform sampler2D drawn;
layout(location = 0) out vec4 colour;

void main() {
    colour = vec4(texelFetch(drawn, ivec2(gl_FragCoord.xy), 0).rgb, 1.0);
}
