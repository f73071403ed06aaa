// Package applicationtest is what the tests of the applications beside it share: a person
// logs in, cancels, tries again, comes back and logs out, in a real browser. Its files
// have the build tag products.
//
//	run.go    how an application is started, as its guide says
//	page.go   what stands on every application's page
//	proof.go  what every guide promises
//
// Every application shows, at /, what it knows of the person as JSON (#claims), or a
// way to log in (#login); after a refused login it says so (#message), and offers #login.
package applicationtest
