package pages

var english = words{
	tag:      "en",
	nameless: []string{"{app}", "the application"},
	pages: map[Kind]text{
		Continue: {
			title: "Log in with itsme®",
			what:  "You are about to log in to {app} with the itsme® app.",
			retry: "Keep your phone at hand: that is where you approve.",
			back:  "Go back to {app} and begin there.",
		},
		Waiting: {
			title: "Almost there",
			what:  "We are waiting for word from itsme®. If the app on your phone still asks you something, answer it now.",
			back:  "This page looks again by itself.",
		},
		Cancelled: {
			title: "You cancelled the login",
			what:  "The login was stopped in the itsme® app. Nothing was shared with {app}.",
			retry: "Changed your mind? You can try again right away.",
			back:  "Changed your mind? Go back to {app} and begin again.",
		},
		Failed: {
			title: "That did not work",
			what:  "itsme® could not confirm your identity this time. Nothing was shared with {app}.",
			retry: "Please try again. If it happens once more, open the itsme® app: it may have a message for you.",
			back:  "Open the itsme® app, which may have a message for you. Then go back to {app} and begin again.",
		},
		Expired: {
			title: "Time ran out",
			what:  "The request in the itsme® app is open for a short while only, and it has closed. Nothing was shared with {app}.",
			retry: "Take your phone, and try again.",
			back:  "Take your phone, go back to {app} and begin again.",
		},
		Unavailable: {
			title: "We cannot log you in right now",
			what:  "Something between us and itsme® does not answer. It has nothing to do with you or your phone.",
			retry: "Wait a minute, then try again.",
			back:  "Wait a minute, then go back to {app} and begin again.",
		},
		Refused: {
			title: "This login is not set up correctly",
			what:  "itsme® did not accept the way we asked. That is for us to mend; you did nothing wrong.",
			back:  "Trying again will not help for now. Please choose another way to log in to {app}, or tell its helpdesk.",
		},
		NoData: {
			title: "itsme® sent no data",
			what:  "You approved, and itsme® confirmed it, but your details did not come along. Nothing was shared with {app}.",
			retry: "Please try again. You will be asked to approve once more.",
			back:  "Please go back to {app} and begin again.",
		},
		TooMany: {
			title: "One moment, please",
			what:  "Many logins are being started just now, perhaps by others on the same network. We let them in a few at a time.",
			retry: "Wait a minute, then try again.",
			back:  "Wait a minute, then go back to {app} and begin again.",
		},
		OtherBrowser: {
			title: "Finish in the browser where you began",
			what:  "The itsme® app may have opened another browser than yours. To keep you safe, a login can be finished only where it began.",
			back:  "Go back to that browser. If nothing moves there, begin again at {app}.",
			note:  "Did somebody else send you here? Then simply close this page: nothing was shared.",
		},
		NoCookies: {
			title: "Please allow one cookie",
			what:  "Your browser did not keep the cookie by which we know that it is you who returns from itsme®. It lasts for this login only.",
			retry: "Allow cookies for this site, or leave private browsing, then try again.",
			back:  "Allow cookies for this site, or leave private browsing. Then go back to {app} and begin again.",
		},
		Finished: {
			title: "You are logged in",
			what:  "itsme® confirmed your identity, and this login is complete.",
			back:  "Go on at {app}. You can close this page.",
		},
		Late: {
			title: "This login is over",
			what:  "Too much time has passed since it began, so it can no longer be finished.",
			back:  "Go back to {app} and begin again. It takes less than a minute.",
		},
		BadRequest: {
			title: "This login cannot begin",
			what:  "We were asked for something that does not work. That is no fault of yours.",
			back:  "Go back to {app} and try again from there. If it stays like this, please tell its helpdesk.",
		},
		ServerError: {
			title: "Something went wrong here",
			what:  "We could not finish this step. It is our fault, not yours.",
			retry: "Wait a minute, then try again.",
			back:  "Wait a minute, then go back to {app} and begin again.",
		},
		NotFound: {
			title: "There is no page here",
			what:  "The address may be old, or a piece of it may be missing.",
			back:  "To log in, go back to {app} and begin there.",
		},
		Navigate: {
			title: "One moment",
			what:  "We are taking you further.",
			back:  "If nothing happens, please continue by hand.",
		},
		FormPost: {
			title: "One moment",
			what:  "We are taking you back to {app}.",
			back:  "If nothing happens, please continue by hand.",
		},
		Resubmit: {
			title: "One moment",
			what:  "We are taking you further.",
			back:  "If nothing happens, please continue by hand.",
		},
	},
	begin:     "Continue with itsme®",
	again:     "Try again",
	leave:     "Back to {app}",
	check:     "Check now",
	goOn:      "Continue",
	goOnTo:    "Continue to {app}",
	limited:   "This page looks again by itself, for at most another {limit}.",
	seconds:   [2]string{"second", "seconds"},
	minutes:   [2]string{"minute", "minutes"},
	developer: "For the developer of this application:",
	reference: "If you ask for help, please quote",
}
