// Package docker holds no code: its tests make the container images, look into them, and
// run what compose.yaml says, without a container engine.
package docker
