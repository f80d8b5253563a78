in vec2 place;

void main() {
    gl_Position = vec4(place, 0.0, 1.0);
}
