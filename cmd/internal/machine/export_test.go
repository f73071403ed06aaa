package machine

// Group reads the limits of a cgroup below another root.
var Group = group
