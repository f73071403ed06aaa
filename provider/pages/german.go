package pages

var german = words{
	tag: "de",
	nameless: []string{
		"zu {app}", "zur Anwendung",
		"{app}", "der Anwendung", // wherever it stands, in the dative
	},
	pages: map[Kind]text{
		Continue: {
			title: "Mit itsme® anmelden",
			what:  "Sie sind dabei, sich mit der itsme®-App bei {app} anzumelden.",
			retry: "Halten Sie Ihr Handy bereit: Dort bestätigen Sie.",
			back:  "Gehen Sie zurück zu {app} und beginnen Sie von vorn.",
		},
		Waiting: {
			title: "Gleich geschafft",
			what:  "Wir warten auf die Antwort von itsme®. Falls die App auf Ihrem Handy noch etwas fragt, antworten Sie bitte jetzt.",
			back:  "Diese Seite aktualisiert sich von selbst.",
		},
		Cancelled: {
			title: "Sie haben die Anmeldung abgebrochen",
			what:  "Die Anmeldung wurde in der itsme®-App beendet. Es wurde nichts mit {app} geteilt.",
			retry: "Doch lieber anmelden? Sie können es gleich noch einmal versuchen.",
			back:  "Doch lieber anmelden? Gehen Sie zurück zu {app} und beginnen Sie von vorn.",
		},
		Failed: {
			title: "Das hat nicht geklappt",
			what:  "itsme® konnte Ihre Identität diesmal nicht bestätigen. Es wurde nichts mit {app} geteilt.",
			retry: "Bitte versuchen Sie es noch einmal. Klappt es wieder nicht, öffnen Sie die itsme®-App: Vielleicht wartet dort eine Nachricht auf Sie.",
			back:  "Öffnen Sie die itsme®-App: Vielleicht wartet dort eine Nachricht auf Sie. Gehen Sie dann zurück zu {app} und beginnen Sie von vorn.",
		},
		Expired: {
			title: "Die Zeit ist abgelaufen",
			what:  "Die Anfrage in der itsme®-App bleibt nur kurz offen und ist nun geschlossen. Es wurde nichts mit {app} geteilt.",
			retry: "Halten Sie Ihr Handy bereit und versuchen Sie es noch einmal.",
			back:  "Halten Sie Ihr Handy bereit, gehen Sie zurück zu {app} und beginnen Sie von vorn.",
		},
		Unavailable: {
			title: "Die Anmeldung ist gerade nicht möglich",
			what:  "Die Anmeldung mit itsme® funktioniert im Moment nicht. Das liegt weder an Ihnen noch an Ihrem Handy.",
			retry: "Warten Sie eine Minute und versuchen Sie es dann noch einmal.",
			back:  "Warten Sie eine Minute, gehen Sie dann zurück zu {app} und beginnen Sie von vorn.",
		},
		Refused: {
			title: "Diese Anmeldung ist falsch eingerichtet",
			what:  "itsme® hat unsere Anfrage nicht angenommen. Das ist ein Fehler in unseren Einstellungen; Sie haben nichts falsch gemacht.",
			back:  "Ein neuer Versuch hilft vorerst nicht. Bitte melden Sie sich auf anderem Weg bei {app} an oder sagen Sie dort dem Helpdesk Bescheid.",
		},
		NoData: {
			title: "itsme® hat keine Daten geschickt",
			what:  "Sie haben bestätigt und itsme® hat es uns gemeldet, aber Ihre Daten sind nicht angekommen. Es wurde nichts mit {app} geteilt.",
			retry: "Bitte versuchen Sie es noch einmal. Sie müssen dann erneut bestätigen.",
			back:  "Bitte gehen Sie zurück zu {app} und beginnen Sie von vorn.",
		},
		TooMany: {
			title: "Einen Augenblick, bitte",
			what:  "Gerade beginnen viele Anmeldungen, vielleicht auch von anderen in Ihrem Netz. Wir lassen sie nach und nach durch.",
			retry: "Warten Sie eine Minute und versuchen Sie es dann noch einmal.",
			back:  "Warten Sie eine Minute, gehen Sie dann zurück zu {app} und beginnen Sie von vorn.",
		},
		OtherBrowser: {
			title: "Machen Sie im ersten Browser weiter",
			what:  "Die itsme®-App hat vielleicht einen anderen Browser geöffnet als Ihren. Zu Ihrer Sicherheit kann eine Anmeldung nur dort enden, wo sie begann.",
			back:  "Gehen Sie zurück zum ersten Browser. Tut sich dort nichts, beginnen Sie bei {app} von vorn.",
			note:  "Hat jemand anders Sie hierher geschickt? Dann schließen Sie einfach diese Seite: Es wurde nichts geteilt.",
		},
		NoCookies: {
			title: "Bitte erlauben Sie ein Cookie",
			what:  "Ihr Browser hat das Cookie nicht gespeichert, an dem wir erkennen, dass Sie es sind, wenn Sie von itsme® zurückkommen. Es dient nur dieser Anmeldung.",
			retry: "Erlauben Sie Cookies für diese Website oder verlassen Sie den privaten Modus, und versuchen Sie es dann noch einmal.",
			back:  "Erlauben Sie Cookies für diese Website oder verlassen Sie den privaten Modus. Gehen Sie dann zurück zu {app} und beginnen Sie von vorn.",
		},
		Finished: {
			title: "Sie sind angemeldet",
			what:  "itsme® hat Ihre Identität bestätigt, und diese Anmeldung ist abgeschlossen.",
			back:  "Weiter geht es bei {app}. Sie können diese Seite schließen.",
		},
		Late: {
			title: "Diese Anmeldung ist abgelaufen",
			what:  "Sie hat vor zu langer Zeit begonnen und kann nicht mehr abgeschlossen werden.",
			back:  "Gehen Sie zurück zu {app} und beginnen Sie von vorn. Es dauert keine Minute.",
		},
		Forgotten: {
			title: "Wir haben Ihre Anmeldung verloren",
			what:  "Während Sie sich anmeldeten, ist bei uns etwas schiefgegangen, und wir wissen nichts mehr von Ihrer Anmeldung. Sie sind nicht angemeldet.",
			retry: "Bitte versuchen Sie es noch einmal. Vielleicht müssen Sie ein weiteres Mal bestätigen.",
			back:  "Gehen Sie zurück zu {app} und beginnen Sie von vorn. Vielleicht müssen Sie ein weiteres Mal bestätigen.",
		},
		BadRequest: {
			title: "Diese Anmeldung kann nicht gestartet werden",
			what:  "Wir haben eine Anfrage erhalten, die wir nicht verarbeiten können. Das ist nicht Ihre Schuld.",
			back:  "Gehen Sie zurück zu {app} und versuchen Sie es von dort noch einmal. Passiert das weiterhin, sagen Sie bitte dort dem Helpdesk Bescheid.",
		},
		ServerError: {
			title: "Bei uns ist etwas schiefgegangen",
			what:  "Wir konnten diesen Schritt nicht abschließen. Das liegt an uns, nicht an Ihnen.",
			retry: "Warten Sie eine Minute und versuchen Sie es dann noch einmal.",
			back:  "Warten Sie eine Minute, gehen Sie dann zurück zu {app} und beginnen Sie von vorn.",
		},
		NotFound: {
			title: "Diese Seite gibt es nicht",
			what:  "Vielleicht ist die Adresse veraltet, oder es fehlt ein Stück davon.",
			back:  "Wenn Sie sich anmelden möchten, gehen Sie zurück zu {app} und beginnen Sie dort.",
		},
		Logout: {
			title: "Möchten Sie sich abmelden?",
			what:  "Ihre Anmeldung endet dann hier und auch bei den Anwendungen, die Sie damit geöffnet haben, sofern diese das unterstützen. Beim nächsten Mal müssen Sie wieder in der itsme®-App bestätigen.",
			retry: "Doch lieber angemeldet bleiben? Gehen Sie zurück zu {app} oder schließen Sie einfach diese Seite.",
			back:  "Gehen Sie zurück zu {app} und melden Sie sich dort ab.",
		},
		LoggedOut: {
			title: "Sie sind abgemeldet",
			what:  "Ihre Anmeldung hier ist beendet. Beim nächsten Mal bestätigen Sie wieder in der itsme®-App.",
			back:  "Sie können diese Seite schließen.",
			note:  "In einer Anwendung können Sie noch angemeldet sein. Nutzen auch andere dieses Gerät? Dann melden Sie sich bitte auch dort ab.",
		},
		Front: {
			title: "Hier gibt es nichts zu tun",
			what:  "Anwendungen nutzen diese Adresse, um Sie mit itsme® anzumelden. Sie funktioniert, und diese Seite selbst braucht nichts von Ihnen.",
			back:  "Um sich anzumelden, gehen Sie zu {app} und beginnen Sie dort.",
		},
		Navigate: {
			title: "Einen Augenblick",
			what:  "Wir bringen Sie zur nächsten Seite.",
			back:  "Falls nichts geschieht, wählen Sie bitte „Weiter“.",
		},
		FormPost: {
			title: "Einen Augenblick",
			what:  "Wir bringen Sie zurück zu {app}.",
			back:  "Falls nichts geschieht, wählen Sie bitte „Weiter“.",
		},
		Resubmit: {
			title: "Einen Augenblick",
			what:  "Wir bringen Sie zur nächsten Seite.",
			back:  "Falls nichts geschieht, wählen Sie bitte „Weiter“.",
		},
	},
	logout: map[Kind]text{
		BadRequest: {
			title: "Wir konnten Sie nicht abmelden",
			what:  "Wir haben eine Anfrage zum Abmelden erhalten, die wir nicht verarbeiten können. Das ist nicht Ihre Schuld; vielleicht sind Sie noch angemeldet.",
			back:  "Gehen Sie zurück zu {app} und melden Sie sich dort ab. Passiert das weiterhin, sagen Sie bitte dort dem Helpdesk Bescheid.",
		},
		Unavailable: {
			title: "Die Abmeldung ist gerade nicht möglich",
			what:  "Auf unserer Seite antwortet etwas nicht. Vielleicht sind Sie noch angemeldet.",
			retry: "Warten Sie eine Minute und versuchen Sie es dann noch einmal.",
			back:  "Warten Sie eine Minute, gehen Sie dann zurück zu {app} und melden Sie sich dort ab.",
		},
	},
	begin:     "Weiter mit itsme®",
	end:       "Abmelden",
	again:     "Noch einmal versuchen",
	leave:     "Zurück zu {app}",
	check:     "Jetzt prüfen",
	goOn:      "Weiter",
	goOnTo:    "Weiter zu {app}",
	limited:   "Diese Seite aktualisiert sich von selbst, höchstens noch {limit}.",
	seconds:   [2]string{"Sekunde", "Sekunden"},
	minutes:   [2]string{"Minute", "Minuten"},
	developer: "Für die Entwicklung dieser Anwendung:",
	reference: "Wenn Sie um Hilfe bitten, nennen Sie",
	trace:     "Für den technischen Support hat diese Anfrage auch eine Trace-ID:",

	visit:         "Weiter zu {operator}",
	help:          "Brauchen Sie Hilfe?",
	contact:       "{operator} kontaktieren",
	contactUs:     "Kontakt aufnehmen",
	privacy:       "Datenschutzerklärung",
	accessibility: "Erklärung zur Barrierefreiheit",
}
