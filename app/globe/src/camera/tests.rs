//! Tests of the camera.
