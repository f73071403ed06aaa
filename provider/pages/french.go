package pages

// Before a colon and within guillemets stands a no-break space (\u00a0),
// before other double marks a narrow one (\u202f).
var french = words{
	tag:      "fr",
	nameless: []string{"{app}", "l’application"},
	pages: map[Kind]text{
		Continue: {
			title: "Se connecter avec itsme®",
			what:  "Vous allez vous connecter à {app} avec l’app itsme®.",
			retry: "Gardez votre téléphone à portée de main\u00a0: c’est là que vous approuvez.",
			back:  "Retournez à {app} et commencez à partir de là.",
		},
		Waiting: {
			title: "Vous y êtes presque",
			what:  "Nous attendons la réponse d’itsme®. Si l’app sur votre téléphone vous demande encore quelque chose, répondez maintenant.",
			back:  "Cette page se met à jour d’elle-même.",
		},
		Cancelled: {
			title: "Vous avez annulé",
			what:  "La connexion a été arrêtée dans l’app itsme®. Rien n’a été transmis à {app}.",
			retry: "Vous changez d’avis\u202f? Vous pouvez réessayer tout de suite.",
			back:  "Vous changez d’avis\u202f? Retournez à {app} et recommencez.",
		},
		Failed: {
			title: "Cela n’a pas fonctionné",
			what:  "itsme® n’a pas pu confirmer votre identité cette fois-ci. Rien n’a été transmis à {app}.",
			retry: "Réessayez. Si cela se reproduit, ouvrez l’app itsme®\u00a0: un message vous y attend peut-être.",
			back:  "Ouvrez l’app itsme®\u00a0: un message vous y attend peut-être. Retournez ensuite à {app} et recommencez.",
		},
		Expired: {
			title: "Le délai est écoulé",
			what:  "La demande dans l’app itsme® ne reste ouverte que peu de temps, et elle s’est fermée. Rien n’a été transmis à {app}.",
			retry: "Gardez votre téléphone à portée de main et réessayez.",
			back:  "Gardez votre téléphone à portée de main, retournez à {app} et recommencez.",
		},
		Unavailable: {
			title: "Connexion impossible pour l’instant",
			what:  "Entre nous et itsme®, quelque chose ne répond pas. Cela ne vient ni de vous ni de votre téléphone.",
			retry: "Attendez une minute, puis réessayez.",
			back:  "Attendez une minute, puis retournez à {app} et recommencez.",
		},
		Refused: {
			title: "Cette connexion est mal configurée",
			what:  "itsme® n’accepte pas la façon dont nous l’interrogeons. C’est à nous d’y remédier\u202f; vous n’avez rien fait de mal.",
			back:  "Réessayer n’aidera pas pour l’instant. Choisissez une autre façon de vous connecter à {app}, ou prévenez le helpdesk.",
		},
		NoData: {
			title: "itsme® n’a pas envoyé de données",
			what:  "Vous avez approuvé et itsme® l’a confirmé, mais vos données n’ont pas suivi. Rien n’a été transmis à {app}.",
			retry: "Réessayez\u00a0: vous devrez approuver encore une fois.",
			back:  "Retournez à {app} et recommencez.",
		},
		TooMany: {
			title: "Un instant, s’il vous plaît",
			what:  "Beaucoup de connexions commencent en ce moment, peut-être par d’autres personnes sur le même réseau. Nous les laissons passer peu à peu.",
			retry: "Attendez une minute, puis réessayez.",
			back:  "Attendez une minute, puis retournez à {app} et recommencez.",
		},
		OtherBrowser: {
			title: "Terminez dans le navigateur où vous avez commencé",
			what:  "L’app itsme® a peut-être ouvert un autre navigateur que le vôtre. Pour votre sécurité, une connexion ne se termine que là où elle a commencé.",
			back:  "Retournez dans ce navigateur. Si rien n’y bouge, recommencez à partir de {app}.",
			note:  "Quelqu’un d’autre vous a envoyé ici\u202f? Fermez simplement cette page\u00a0: rien n’a été transmis.",
		},
		NoCookies: {
			title: "Autorisez un cookie, s’il vous plaît",
			what:  "Votre navigateur n’a pas gardé le cookie qui nous montre que c’est bien vous qui revenez d’itsme®. Il ne sert qu’à cette connexion.",
			retry: "Autorisez les cookies pour ce site, ou quittez la navigation privée, puis réessayez.",
			back:  "Autorisez les cookies pour ce site, ou quittez la navigation privée. Retournez ensuite à {app} et recommencez.",
		},
		Finished: {
			title: "Connexion réussie",
			what:  "itsme® a confirmé votre identité et tout est en ordre.",
			back:  "Continuez dans {app}. Vous pouvez fermer cette page.",
		},
		Late: {
			title: "Cette connexion a pris fin",
			what:  "Elle a commencé il y a trop longtemps et ne peut plus être terminée.",
			back:  "Retournez à {app} et recommencez. Cela prend moins d’une minute.",
		},
		Forgotten: {
			title: "Nous avons perdu votre connexion",
			what:  "Un problème est survenu chez nous pendant que vous vous connectiez, et votre connexion n’est plus connue ici. Vous n’êtes pas connecté.",
			retry: "Veuillez réessayer. Il se peut que vous deviez confirmer encore une fois.",
			back:  "Retournez à {app} et recommencez. Il se peut que vous deviez confirmer encore une fois.",
		},
		BadRequest: {
			title: "Cette connexion ne peut pas commencer",
			what:  "On nous a demandé quelque chose qui ne fonctionne pas. Ce n’est pas votre faute.",
			back:  "Retournez à {app} et réessayez à partir de là. Si cela persiste, prévenez le helpdesk.",
		},
		ServerError: {
			title: "Un problème est survenu chez nous",
			what:  "Nous n’avons pas pu terminer cette étape. C’est notre faute, pas la vôtre.",
			retry: "Attendez une minute, puis réessayez.",
			back:  "Attendez une minute, puis retournez à {app} et recommencez.",
		},
		NotFound: {
			title: "Il n’y a pas de page ici",
			what:  "L’adresse est peut-être ancienne, ou il en manque un morceau.",
			back:  "Pour vous connecter, retournez à {app} et commencez à partir de là.",
		},
		Logout: {
			title: "Voulez-vous vous déconnecter\u202f?",
			what:  "Votre connexion prendra fin ici et, lorsqu’elles le permettent, dans les applications qu’elle vous a ouvertes. La prochaine fois, vous devrez à nouveau approuver dans l’app itsme®.",
			retry: "Vous préférez garder votre connexion\u202f? Retournez à {app}, ou fermez simplement cette page.",
			back:  "Retournez à {app} et déconnectez-vous à partir de là.",
		},
		LoggedOut: {
			title: "Déconnexion réussie",
			what:  "Votre connexion a pris fin ici. La prochaine fois, vous devrez à nouveau approuver dans l’app itsme®.",
			back:  "Vous pouvez fermer cette page.",
			note:  "Une application peut garder une connexion à elle. Si d’autres personnes utilisent cet appareil, déconnectez-vous là aussi.",
		},
		Navigate: {
			title: "Un instant",
			what:  "Nous vous redirigeons.",
			back:  "Si rien ne se passe, continuez vous-même.",
		},
		FormPost: {
			title: "Un instant",
			what:  "Nous vous ramenons à {app}.",
			back:  "Si rien ne se passe, continuez vous-même.",
		},
		Resubmit: {
			title: "Un instant",
			what:  "Nous vous redirigeons.",
			back:  "Si rien ne se passe, continuez vous-même.",
		},
	},
	logout: map[Kind]text{
		BadRequest: {
			title: "Nous n’avons pas pu vous déconnecter",
			what:  "La déconnexion nous a été demandée d’une façon qui ne fonctionne pas. Ce n’est pas votre faute, et votre connexion est peut-être encore ouverte.",
			back:  "Retournez à {app} et déconnectez-vous à partir de là. Si cela persiste, prévenez le helpdesk.",
		},
		Unavailable: {
			title: "Déconnexion impossible pour l’instant",
			what:  "De notre côté, quelque chose ne répond pas. Votre connexion est peut-être encore ouverte.",
			retry: "Attendez une minute, puis réessayez.",
			back:  "Attendez une minute, puis retournez à {app} et déconnectez-vous à partir de là.",
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
}
