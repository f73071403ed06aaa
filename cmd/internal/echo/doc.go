// Package echo tells a doctor what of his requests arrived at the bridge, after all
// proxies on the way.
//
//	echo.go     Echo: the words that are awaited, and what came with them
//	watch.go    what looks at the public listener's requests, for those words
//	answer.go   the two answers that can be asked for, to see what a proxy makes of them
//	routes.go   /doctor on the operations listener; remote.go asks it there
//
// What holds it together: nobody hears anything but whoever reaches the operations
// listener. A word is made there, by chance, and is good for a minute; without one that
// is awaited a request is not even looked at. On the public listener a word brings
// nothing but a number of its own and, if that was asked for, one of the two answers,
// which say nothing. Nothing is logged or kept.
package echo
