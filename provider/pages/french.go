package pages

// Before a colon and within guillemets stands a no-break space (\u00a0),
// before other double marks a narrow one (\u202f).
var french = words{
	tag: "fr",
	nameless: []string{
		"sur {app}", "dans l’application",
		"{app}", "l’application",
	},
	pages: map[Kind]text{
		Continue: {
			title: "Se connecter avec itsme®",
			what:  "Vous allez vous connecter à {app} avec l’app itsme®.",
			retry: "Gardez votre téléphone à portée de main\u00a0: c’est là que vous confirmez.",
			back:  "Revenez sur {app} et recommencez.",
		},
		Waiting: {
			title: "Vous y êtes presque",
			what:  "Nous attendons la réponse d’itsme®. Si l’app sur votre téléphone vous demande encore quelque chose, répondez maintenant.",
			back:  "Cette page se met à jour d’elle-même.",
		},
		Cancelled: {
			title: "Vous avez annulé la connexion",
			what:  "La connexion a été arrêtée dans l’app itsme®. Rien n’a été transmis à {app}.",
			retry: "Vous changez d’avis\u202f? Vous pouvez réessayer tout de suite.",
			back:  "Vous changez d’avis\u202f? Revenez sur {app} et recommencez.",
		},
		Failed: {
			title: "Cela n’a pas fonctionné",
			what:  "itsme® n’a pas pu confirmer votre identité cette fois-ci. Rien n’a été transmis à {app}.",
			retry: "Réessayez. Si cela se reproduit, ouvrez l’app itsme®\u00a0: un message vous y attend peut-être.",
			back:  "Ouvrez l’app itsme®\u00a0: un message vous y attend peut-être. Revenez ensuite sur {app} et recommencez.",
		},
		Expired: {
			title: "Le délai est écoulé",
			what:  "La demande dans l’app itsme® ne reste ouverte que peu de temps, et elle est maintenant fermée. Rien n’a été transmis à {app}.",
			retry: "Gardez votre téléphone à portée de main et réessayez.",
			back:  "Gardez votre téléphone à portée de main, revenez sur {app} et recommencez.",
		},
		Unavailable: {
			title: "Connexion impossible pour l’instant",
			what:  "La connexion avec itsme® ne fonctionne pas en ce moment. Cela ne vient ni de vous ni de votre téléphone.",
			retry: "Attendez une minute, puis réessayez.",
			back:  "Attendez une minute, puis revenez sur {app} et recommencez.",
		},
		Refused: {
			title: "Cette connexion est mal configurée",
			what:  "itsme® n’a pas accepté notre demande. C’est une erreur dans nos réglages\u202f; ce n’est pas de votre faute.",
			back:  "Réessayer n’aidera pas pour l’instant. Choisissez une autre façon de vous connecter à {app}, ou prévenez le helpdesk.",
		},
		NoData: {
			title: "itsme® n’a pas envoyé de données",
			what:  "Vous avez confirmé et itsme® nous l’a signalé, mais nous n’avons pas reçu vos données. Rien n’a été transmis à {app}.",
			retry: "Réessayez\u00a0: vous devrez confirmer encore une fois.",
			back:  "Revenez sur {app} et recommencez.",
		},
		TooMany: {
			title: "Un instant, s’il vous plaît",
			what:  "De nombreuses connexions commencent en ce moment, peut-être aussi celles d’autres personnes sur votre réseau. Nous les laissons passer peu à peu.",
			retry: "Attendez une minute, puis réessayez.",
			back:  "Attendez une minute, puis revenez sur {app} et recommencez.",
		},
		OtherBrowser: {
			title: "Terminez dans le navigateur où vous avez commencé",
			what:  "L’app itsme® a peut-être ouvert un autre navigateur que le vôtre. Pour votre sécurité, une connexion ne se termine que là où elle a commencé.",
			back:  "Revenez dans ce navigateur. S’il ne s’y passe rien, recommencez à partir de {app}.",
			note:  "Quelqu’un d’autre vous a envoyé ici\u202f? Fermez simplement cette page\u00a0: rien n’a été transmis.",
		},
		NoCookies: {
			title: "Autorisez un cookie, s’il vous plaît",
			what:  "Votre navigateur n’a pas gardé le cookie qui nous montre que c’est bien vous qui revenez d’itsme®. Il ne sert qu’à cette connexion.",
			retry: "Autorisez les cookies pour ce site, ou quittez la navigation privée, puis réessayez.",
			back:  "Autorisez les cookies pour ce site, ou quittez la navigation privée. Revenez ensuite sur {app} et recommencez.",
		},
		Finished: {
			title: "Connexion réussie",
			what:  "itsme® a confirmé votre identité et tout est en ordre.",
			back:  "Continuez sur {app}. Vous pouvez fermer cette page.",
		},
		Late: {
			title: "Cette connexion a expiré",
			what:  "Elle a commencé il y a trop longtemps et ne peut plus être terminée.",
			back:  "Revenez sur {app} et recommencez. Cela prend moins d’une minute.",
		},
		Forgotten: {
			title: "Nous avons perdu votre connexion",
			what:  "Un problème est survenu chez nous pendant que vous vous connectiez, et nous n’avons plus trace de votre connexion. Elle n’a pas abouti.",
			retry: "Veuillez réessayer. Il se peut que vous deviez confirmer encore une fois.",
			back:  "Revenez sur {app} et recommencez. Il se peut que vous deviez confirmer encore une fois.",
		},
		BadRequest: {
			title: "Cette connexion ne peut pas démarrer",
			what:  "Nous avons reçu une demande que nous ne pouvons pas utiliser. Ce n’est pas de votre faute.",
			back:  "Revenez sur {app} et réessayez. Si cela persiste, prévenez le helpdesk.",
		},
		ServerError: {
			title: "Un problème est survenu chez nous",
			what:  "Nous n’avons pas pu terminer cette étape. C’est notre faute, pas la vôtre.",
			retry: "Attendez une minute, puis réessayez.",
			back:  "Attendez une minute, puis revenez sur {app} et recommencez.",
		},
		NotFound: {
			title: "Cette page n’existe pas",
			what:  "L’adresse est peut-être ancienne, ou il en manque une partie.",
			back:  "Pour vous connecter, revenez sur {app} et recommencez.",
		},
		Logout: {
			title: "Voulez-vous vous déconnecter\u202f?",
			what:  "Votre connexion prendra fin ici et, lorsqu’elles le permettent, dans les applications que vous avez ouvertes avec elle. La prochaine fois, vous devrez à nouveau confirmer dans l’app itsme®.",
			retry: "Vous préférez garder votre connexion\u202f? Revenez sur {app}, ou fermez simplement cette page.",
			back:  "Revenez sur {app} et déconnectez-vous à partir de là.",
		},
		LoggedOut: {
			title: "Déconnexion réussie",
			what:  "Votre connexion a pris fin ici. La prochaine fois, vous devrez à nouveau confirmer dans l’app itsme®.",
			back:  "Vous pouvez fermer cette page.",
			note:  "Une application peut conserver sa propre session. Si d’autres personnes utilisent cet appareil, déconnectez-vous là aussi.",
		},
		Front: {
			title: "Il n’y a rien à faire ici",
			what:  "Des applications utilisent cette adresse pour vous connecter avec itsme®. Elle fonctionne, et cette page ne vous demande rien.",
			back:  "Pour vous connecter, rendez-vous sur {app} et commencez-y.",
		},
		Navigate: {
			title: "Un instant",
			what:  "Nous vous emmenons à la page suivante.",
			back:  "Si rien ne se passe, choisissez «\u00a0Continuer\u00a0».",
		},
		FormPost: {
			title: "Un instant",
			what:  "Nous vous renvoyons vers {app}.",
			back:  "Si rien ne se passe, choisissez «\u00a0Continuer\u00a0».",
		},
		Resubmit: {
			title: "Un instant",
			what:  "Nous vous emmenons à la page suivante.",
			back:  "Si rien ne se passe, choisissez «\u00a0Continuer\u00a0».",
		},
	},
	logout: map[Kind]text{
		BadRequest: {
			title: "Nous n’avons pas pu vous déconnecter",
			what:  "Nous avons reçu une demande de déconnexion que nous ne pouvons pas utiliser. Ce n’est pas de votre faute, et votre connexion est peut-être encore ouverte.",
			back:  "Revenez sur {app} et déconnectez-vous à partir de là. Si cela persiste, prévenez le helpdesk.",
		},
		Unavailable: {
			title: "Déconnexion impossible pour l’instant",
			what:  "De notre côté, quelque chose ne répond pas. Votre connexion est peut-être encore ouverte.",
			retry: "Attendez une minute, puis réessayez.",
			back:  "Attendez une minute, puis revenez sur {app} et déconnectez-vous à partir de là.",
		},
	},
	begin:     "Continuer avec itsme®",
	end:       "Se déconnecter",
	again:     "Réessayer",
	leave:     "Retour à {app}",
	check:     "Vérifier maintenant",
	goOn:      "Continuer",
	goOnTo:    "Continuer vers {app}",
	limited:   "Cette page se met à jour d’elle-même, pendant encore {limit} au maximum.",
	seconds:   [2]string{"seconde", "secondes"},
	minutes:   [2]string{"minute", "minutes"},
	developer: "Pour le développeur de cette application\u00a0:",
	reference: "Si vous demandez de l’aide, mentionnez",
	trace:     "Pour l’assistance technique, cette requête a aussi un identifiant de trace\u00a0:",

	visit:         "Vers {operator}",
	help:          "Besoin d’aide\u202f?",
	contact:       "Contacter {operator}",
	contactUs:     "Nous contacter",
	privacy:       "Déclaration de confidentialité",
	accessibility: "Déclaration d’accessibilité",
}
