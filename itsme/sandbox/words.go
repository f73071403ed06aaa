package sandbox

// words are what the pages say in one language.
type words struct {
	Lang       string
	Identify   string
	Register   string
	Phone      string
	PhoneHint  string
	WrongPhone string
	Next       string
	Open       string // the app
	OpenHint   string
	Asked      string // what is shared
	Nothing    string
	Persona    string
	Approve    string
	Cancel     string
	Fail       string
	Expire     string
	Leave      string
	Change     string
	Over       string
	OverHint   string
	Unknown    string
	Scopes     map[string]string
}

// Scope is the name of a scope.
func (w words) Scope(scope string) string { return w.Scopes[scope] }

// wordsFor speaks the language of a transaction; English where it has none.
func wordsFor(locale string) words {
	switch locale {
	case "nl":
		return dutch()
	case "fr":
		return french()
	case "de":
		return german()
	}
	return english()
}

func english() words {
	return words{
		Lang: "en", Identify: "Identify yourself", Register: "Create your account",
		Phone: "Your mobile phone number", PhoneHint: "Any number will do, or none at all.", WrongPhone: "This is not a phone number.",
		Next: "Continue", Open: "Open the itsme app", OpenHint: "Approve the request in the app. Here, you are the app:",
		Asked: "You share", Nothing: "nothing but who you are", Persona: "You are",
		Approve: "Approve", Cancel: "Refuse", Fail: "Fail", Expire: "Let it expire", Leave: "Go back without an answer",
		Change: "Another number", Over: "This request is over", OverHint: "You can close this page.", Unknown: "There is no such request",
		Scopes: map[string]string{"profile": "name, gender, date of birth, language", "email": "e-mail address", "phone": "phone number", "address": "address"},
	}
}

func dutch() words {
	return words{
		Lang: "nl", Identify: "Identificeer je", Register: "Maak je account aan",
		Phone: "Je gsm-nummer", PhoneHint: "Elk nummer is goed, of geen.", WrongPhone: "Dit is geen telefoonnummer.",
		Next: "Doorgaan", Open: "Open de itsme-app", OpenHint: "Bevestig het verzoek in de app. Hier ben jij de app:",
		Asked: "Je deelt", Nothing: "alleen wie je bent", Persona: "Je bent",
		Approve: "Bevestigen", Cancel: "Weigeren", Fail: "Laten mislukken", Expire: "Laten verlopen", Leave: "Terug zonder antwoord",
		Change: "Een ander nummer", Over: "Dit verzoek is afgelopen", OverHint: "Je kunt deze pagina sluiten.", Unknown: "Dit verzoek bestaat niet",
		Scopes: map[string]string{"profile": "naam, geslacht, geboortedatum, taal", "email": "e-mailadres", "phone": "telefoonnummer", "address": "woonplaats"},
	}
}

func french() words {
	return words{
		Lang: "fr", Identify: "Identifiez-vous", Register: "Créez votre compte",
		Phone: "Votre numéro de GSM", PhoneHint: "N’importe quel numéro convient, ou aucun.", WrongPhone: "Ce n’est pas un numéro de téléphone.",
		Next: "Continuer", Open: "Ouvrez l’app itsme", OpenHint: "Confirmez la demande dans l’app. Ici, l’app, c’est vous :",
		Asked: "Vous partagez", Nothing: "seulement qui vous êtes", Persona: "Vous êtes",
		Approve: "Confirmer", Cancel: "Refuser", Fail: "Échouer", Expire: "Laisser expirer", Leave: "Revenir sans répondre",
		Change: "Un autre numéro", Over: "Cette demande est terminée", OverHint: "Vous pouvez fermer cette page.", Unknown: "Cette demande n’existe pas",
		Scopes: map[string]string{"profile": "nom, sexe, date de naissance, langue", "email": "adresse e-mail", "phone": "numéro de téléphone", "address": "adresse"},
	}
}

func german() words {
	return words{
		Lang: "de", Identify: "Weisen Sie sich aus", Register: "Konto anlegen",
		Phone: "Ihre Handynummer", PhoneHint: "Jede Nummer ist recht, auch keine.", WrongPhone: "Das ist keine Telefonnummer.",
		Next: "Weiter", Open: "Öffnen Sie die itsme-App", OpenHint: "Bestätigen Sie die Anfrage in der App. Hier sind Sie die App:",
		Asked: "Sie teilen", Nothing: "nur, wer Sie sind", Persona: "Sie sind",
		Approve: "Bestätigen", Cancel: "Ablehnen", Fail: "Scheitern lassen", Expire: "Ablaufen lassen", Leave: "Ohne Antwort zurück",
		Change: "Eine andere Nummer", Over: "Diese Anfrage ist beendet", OverHint: "Sie können diese Seite schließen.", Unknown: "Diese Anfrage gibt es nicht",
		Scopes: map[string]string{"profile": "Name, Geschlecht, Geburtsdatum, Sprache", "email": "E-Mail-Adresse", "phone": "Telefonnummer", "address": "Adresse"},
	}
}
