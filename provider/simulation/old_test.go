package simulation_test

import "slices"

// What the version before does wrong by itself, and this version does not. Each of these excuses the one answer that a replica of the
// version before has made, and nothing that this version does. They go when the commit in testdata/upgrade-from moves on.

// ledNowhere reports whether the version before was known to show a page without a way on: at "/", where it had no page, and about a
// login that Redis does not tell of, and so of whose application it did not know.
func (x *exchange) ledNowhere() bool {
	unknown := x.to.world.wrong && slices.Contains([]string{"other_browser", "late"}, x.answer.Page())
	return x.to.old && (x.path == "/" || unknown)
}
