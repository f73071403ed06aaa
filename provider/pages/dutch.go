package pages

var dutch = words{
	tag:      "nl",
	nameless: []string{"{app}", "de toepassing"},
	pages: map[Kind]text{
		Continue: {
			title: "Aanmelden met itsme®",
			what:  "Je gaat je met de itsme®-app aanmelden bij {app}.",
			retry: "Hou je gsm bij de hand: daarop bevestig je.",
			back:  "Ga terug naar {app} en begin daar.",
		},
		Waiting: {
			title: "Bijna klaar",
			what:  "We wachten op antwoord van itsme®. Vraagt de app op je gsm nog iets? Antwoord dan nu.",
			back:  "Deze pagina vernieuwt vanzelf.",
		},
		Cancelled: {
			title: "Je hebt geannuleerd",
			what:  "De aanmelding is gestopt in de itsme®-app. Er is niets gedeeld met {app}.",
			retry: "Van gedachten veranderd? Je kunt het meteen opnieuw proberen.",
			back:  "Van gedachten veranderd? Ga terug naar {app} en begin opnieuw.",
		},
		Failed: {
			title: "Dat is niet gelukt",
			what:  "itsme® kon je identiteit deze keer niet bevestigen. Er is niets gedeeld met {app}.",
			retry: "Probeer het nog eens. Lukt het weer niet, open dan de itsme®-app: misschien staat daar een bericht voor je.",
			back:  "Open de itsme®-app, misschien staat daar een bericht voor je. Ga daarna terug naar {app} en begin opnieuw.",
		},
		Expired: {
			title: "De tijd is om",
			what:  "De vraag in de itsme®-app blijft maar even open, en is nu gesloten. Er is niets gedeeld met {app}.",
			retry: "Neem je gsm en probeer het opnieuw.",
			back:  "Neem je gsm, ga terug naar {app} en begin opnieuw.",
		},
		Unavailable: {
			title: "We kunnen je nu niet aanmelden",
			what:  "Er antwoordt iets niet tussen ons en itsme®. Het ligt niet aan jou en niet aan je gsm.",
			retry: "Wacht een minuutje en probeer het dan opnieuw.",
			back:  "Wacht een minuutje, ga dan terug naar {app} en begin opnieuw.",
		},
		Refused: {
			title: "Deze aanmelding is niet goed ingesteld",
			what:  "itsme® aanvaardt niet hoe wij het vragen. Dat moeten wij herstellen; jij hebt niets fout gedaan.",
			back:  "Opnieuw proberen helpt voorlopig niet. Kies een andere manier om je aan te melden bij {app}, of verwittig de helpdesk.",
		},
		NoData: {
			title: "itsme® stuurde geen gegevens",
			what:  "Je gaf je akkoord en itsme® bevestigde dat, maar je gegevens kwamen niet mee. Er is niets gedeeld met {app}.",
			retry: "Probeer het nog eens. Je bevestigt dan nog een keer in de app.",
			back:  "Ga terug naar {app} en begin opnieuw.",
		},
		TooMany: {
			title: "Een ogenblikje",
			what:  "Er starten nu veel aanmeldingen tegelijk, misschien van anderen op hetzelfde netwerk. We laten er telkens enkele door.",
			retry: "Wacht een minuutje en probeer het dan opnieuw.",
			back:  "Wacht een minuutje, ga dan terug naar {app} en begin opnieuw.",
		},
		OtherBrowser: {
			title: "Ga verder in de browser waar je begon",
			what:  "De itsme®-app heeft misschien een andere browser geopend dan de jouwe. Voor je veiligheid kan een aanmelding alleen eindigen waar ze begon.",
			back:  "Ga terug naar die browser. Gebeurt daar niets, begin dan opnieuw bij {app}.",
			note:  "Heeft iemand anders je naar hier gestuurd? Sluit deze pagina dan gewoon: er is niets gedeeld.",
		},
		NoCookies: {
			title: "Laat even één cookie toe",
			what:  "Je browser bewaarde de cookie niet waaraan we zien dat jij het bent die van itsme® terugkomt. Ze dient alleen voor deze aanmelding.",
			retry: "Sta cookies toe voor deze site, of verlaat de privémodus, en probeer het dan opnieuw.",
			back:  "Sta cookies toe voor deze site, of verlaat de privémodus. Ga daarna terug naar {app} en begin opnieuw.",
		},
		Finished: {
			title: "Je bent aangemeld",
			what:  "itsme® heeft je identiteit bevestigd en deze aanmelding is rond.",
			back:  "Ga verder bij {app}. Je mag deze pagina sluiten.",
		},
		Late: {
			title: "Deze aanmelding is voorbij",
			what:  "Ze is te lang geleden begonnen en kan niet meer worden afgerond.",
			back:  "Ga terug naar {app} en begin opnieuw. Het duurt nog geen minuut.",
		},
		BadRequest: {
			title: "Deze aanmelding kan niet beginnen",
			what:  "Er is ons iets gevraagd dat niet werkt. Dat is niet jouw fout.",
			back:  "Ga terug naar {app} en probeer het van daaruit opnieuw. Blijft het zo, verwittig dan de helpdesk.",
		},
		ServerError: {
			title: "Er ging hier iets mis",
			what:  "We konden deze stap niet afmaken. Dat ligt aan ons, niet aan jou.",
			retry: "Wacht een minuutje en probeer het dan opnieuw.",
			back:  "Wacht een minuutje, ga dan terug naar {app} en begin opnieuw.",
		},
		NotFound: {
			title: "Hier is geen pagina",
			what:  "Misschien is de link verouderd, of ontbreekt er een stuk van.",
			back:  "Wil je je aanmelden? Ga dan terug naar {app} en begin daar.",
		},
		Navigate: {
			title: "Een ogenblikje",
			what:  "We sturen je door.",
			back:  "Gebeurt er niets? Ga dan zelf verder.",
		},
		FormPost: {
			title: "Een ogenblikje",
			what:  "We brengen je terug naar {app}.",
			back:  "Gebeurt er niets? Ga dan zelf verder.",
		},
		Resubmit: {
			title: "Een ogenblikje",
			what:  "We sturen je door.",
			back:  "Gebeurt er niets? Ga dan zelf verder.",
		},
	},
	begin:     "Doorgaan met itsme®",
	again:     "Opnieuw proberen",
	leave:     "Terug naar {app}",
	check:     "Nu controleren",
	goOn:      "Doorgaan",
	goOnTo:    "Doorgaan naar {app}",
	limited:   "Deze pagina vernieuwt vanzelf, nog hoogstens {limit}.",
	seconds:   [2]string{"seconde", "seconden"},
	minutes:   [2]string{"minuut", "minuten"},
	developer: "Voor de ontwikkelaar van deze toepassing:",
	reference: "Vraag je hulp, vermeld dan",
}
