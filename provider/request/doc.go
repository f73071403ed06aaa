// Package request reads authorization requests and checks them, however they come.
//
//	reader.go         Reader: the ordered table of checks, and the plain ones
//	lengths.go        how long each parameter may be, and all of them together
//	responsetype.go   response_type and response_mode
//	object.go         request and request_uri: parameters that the client has signed (RFC 9101)
//	budget.go         how many of them are fetched at a time
//	pushed.go         Pushes: requests pushed before, and how often they may start something (RFC 9126)
//	claims.go         claims and acr_values
//	phone.go          login_hint as a phone number
//	request.go        Request: what is left when every check has passed; it travels with the login
//	grant.go          what a person's approval is worth to it
//
// The invariant that holds it together: until the redirect URI is known to be the
// client's own, an error goes to the person and to nobody else; from then on it
// goes back to the client.
package request
