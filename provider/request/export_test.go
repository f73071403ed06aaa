package request

// PhoneNumber is what a login_hint becomes.
var PhoneNumber = phoneNumber
