// Positions come as two floats each and are taken relative to the eye, so that nothing jitters near the ground.
uniform mat4 clip_from_eye;
uniform vec3 eye_high;
uniform vec3 eye_low;
uniform vec3 eye;        // Earth radii
uniform float outside;   // |eye|^2 - 1, computed without cancellation
uniform vec2 half_px;    // half the picture in device pixels

vec3 relative(vec3 high, vec3 low) {
    return (high - eye_high) + (low - eye_low);
}

// 0 if the Earth stands between the eye and a point.
float unhidden(vec3 offset) {
    float far = length(offset) / EARTH_M;
    float nearest = -dot(eye, offset) / (far * EARTH_M);
    float depth = nearest * nearest - outside;
    return depth > 0.0 && nearest > 0.0 && far > nearest ? 0.0 : 1.0;
}
