out vec4 painted;

void main() {
    painted = vec4(1.0);
}
