"""Everyday words of some languages, by ISO 639-1 code."""

LITTLE = {
    "en": """
the a an of and to in is you that it he was for on are with as i his they be at one have this from or had by not but what all were we when
your can said there use each which she do how their if will up other about out many then them these so some her would make like him into
time has look two more go see no way could my than been call who its now find long down did get come made may part am me us our any just
where why because here too very also only again still please thanks thank sorry hello hi good morning evening help need want know think
does don doesn didn isn can't won wasn re ve ll im ive dont cant give take tell show let say much should anyone someone something anything
everything nothing nobody never always already yet today tomorrow yesterday tonight first last next new old wrong right back off keep
keeps got working work works worked broken stopped open close closed change changed
""",
    "de": """
der die das und ist nicht sie ich ein eine einen einem einer zu mit für auf den dem des im von es wie kann haben wird werden oder bei auch
sich aus nach wir ihr ihre ihren ihnen mein meine meinen meinem meiner bitte wenn sind war waren was hat hatte als um dass weil aber doch
noch schon nur mehr sehr hier da dort jetzt heute morgen gestern immer nie wieder warum wo wann wer welche welcher wieviel man mir mich
dir dich uns euch du er kein keine keinen nichts etwas alles alle viel gut geht gibt gab gibt's hab habe habt hast bin bist seid wurde
worden könnte könnten können möchte möchten muss müssen soll sollte will wollen darf würde hätte wäre brauche brauchen hallo guten tag
danke vielen dank entschuldigung hilfe gerne gern leider schnell sofort dringend eigentlich vielleicht zurück über unter zwischen ohne
gegen seit bis vor durch am ins zum zur vom beim damit dazu davon darauf sonst also dann denn mal eben
""",
    "es": """
el la los las de del y que en un una unos unas por para con su sus no es se lo le les como cómo más está están estoy estar mi mis tu tus
usted ustedes puede puedo pueden podría al son soy eres somos pero me te nos si sí qué cuál cuáles quién este esta esto estos ese esa eso
hay había ha he han hemos tiene tengo tienen tenía tener hace hacer haga hago desde hasta sobre sin entre cuando cuándo donde dónde porque
porqué muy ya también todavía aún siempre nunca nada nadie algo alguien todo toda todos todas otro otra otros mismo bien mal hoy mañana
ayer ahora luego después antes aquí ahí allí quiero quisiera querría necesito necesita gustaría debo debe deben hola buenos buenas días
tardes noches gracias favor ayuda ayúdame perdón disculpe señor quién cuánto cuánta cuántos fue era ser será sería van va voy ver vez
veces dos tres solo sólo cada ni o u porfa vale claro entonces pues así tan tanto menos mucho mucha
""",
    "fr": """
le la les de des du et est un une pour vous que qu je dans pas sur avec ce cet cette ces votre vos nous notre qui au aux en il elle ils
elles on mon ma mes ne plus sont être suis été par comment ou où son sa ses leur si quel quelle quels quelles avez ai as a à avoir avait
ont y me te se lui tu moi toi mais donc alors car parce quand pourquoi combien quoi rien tout tous toute toutes très trop bien mal encore
déjà jamais toujours aujourd hui demain hier maintenant après avant depuis sans sous entre chez vers ici là aussi même autre peu beaucoup
moins peut peux peuvent pouvez pourrais pourriez veux veut voudrais voulez dois doit faut faire fait fais aller va vais bonjour bonsoir
salut merci svp plaît aide aidez pardon désolé oui non ça cela est-ce besoin souhaite aimerais
""",
    "it": """
il lo la gli le i di e ed che un una uno per con non è sono sei siamo del dello della dei degli delle nel nella nei al allo alla ai alle
dal dalla da in su sul sulla come più meno questo questa questi queste quello quella mi ti ci vi si ha ho hai hanno abbiamo avete ma se o
suo sua mio mia miei mie tuo tua vostro vostra loro può posso possono potrei potete puoi anche ancora già mai sempre quando dove perché
cosa chi quale quali quanto quanta quanti quante dopo prima oggi domani ieri adesso ora subito qui lì bene male molto troppo tutto tutta
tutti tutte altro altra niente nulla nessuno qualcuno qualcosa ogni senza tra fra fino voglio vorrei vuole volevo devo deve dobbiamo
dovrei serve bisogno ciao buongiorno buonasera salve grazie prego scusa scusi scusate aiuto aiutarmi perfavore favore essere stato stata
stati era ero fare fatto faccio fa vado va andare vedere sapere so dire detto mettere prendere
""",
    "pt": """
o a os as um uma uns umas de do da dos das e em no na nos nas que por para pelo pela com como não sim é são está estão estou estar foi era
ser será se mais mas ou ao à aos às meu minha meus minhas seu sua seus suas você vocês eu ele ela nós me te lhe isso isto esse essa este
esta aquele aquela quem qual quais quando onde porque porquê por quê quanto quanta quantos tem tenho têm tinha ter há haver havia pode
posso podem poderia consigo consegue conseguir quero queria quer gostaria preciso precisa deve devo faz fazer fiz feito vai vou vão ir já
ainda também sempre nunca nada ninguém alguém algo tudo todo toda todos todas outro outra mesmo bem mal muito muita hoje amanhã ontem
agora depois antes aqui aí ali lá só até sem sobre entre desde então assim tão menos cada oi olá bom boa dia tarde noite obrigado obrigada
favor ajuda ajudar desculpe desculpa senhor dois duas três vez vezes pra pro tá né gente
""",
    "nl": """
de het een en van is dat die niet ik je jij u uw we wij ze zij hij met voor op te in zijn aan er om kan kun kunt kunnen naar bij ook mijn
jouw jullie hun haar ons onze hoe wat als door heeft hebben heb hebt had wordt worden werd werden maar nog of dit deze wie waar waarom
wanneer welke welk hoeveel geen niets iets alles alle allemaal veel meer minder heel erg goed slecht hier daar nu vandaag morgen gisteren
altijd nooit weer al dan dus toch eens even graag alsjeblieft alstublieft dank bedankt dankjewel hallo hoi goedemorgen goedenavond sorry
hulp help helpen nodig wil willen wilt zou zouden moet moeten mag mogen gaat gaan ga ging doen doet doe gedaan ben bent was waren geweest
zal zullen mij me hem over onder tussen zonder tegen sinds tot na uit bij af terug snel direct meteen misschien eigenlijk gewoon ander
andere elke twee drie keer steeds want omdat
""",
    "pl": """
i w z na nie to jest się że do o jak ale po co czy tak za od ja ty mój moja moje mnie mi mogę może można chcę chciałbym chciałabym muszę
proszę dzień dobry dziękuję cześć pomoc pomocy dlaczego gdzie kiedy kto który która ile mam masz ma mamy są był była było być będzie już
jeszcze tylko bardzo teraz dziś jutro wczoraj zawsze nigdy nic wszystko dla przez przy bez
""",
    "tr": """
bir ve bu şu o için ile mi mı mu mü ne neden nasıl nerede kim kaç var yok değil ben sen biz siz benim bana beni çok daha en ama ya da gibi
kadar sonra önce şimdi bugün yarın dün her hiç evet hayır merhaba lütfen teşekkürler teşekkür ederim yardım istiyorum istiyor olur oldu
olarak olan yapabilirim yapmak edebilir miyim musunuz
""",
    "sv": """
och att det i på är en ett som jag han hon den de vi ni du inte av för med till om har hade kan kunde ska skulle vill var vad när hur
varför vem vilken min mitt mina din ditt mig dig oss er men eller så nu idag imorgon igår alltid aldrig redan också bara mycket hej tack
snälla hjälp behöver måste får fick går gick gör göra gjort finns någon något ingen inget allt alla här där efter före utan från under
mellan
""",
}
"""Words that every text is full of, whatever it is about; politeness among them."""

TOPICAL = {
    "en": """
check send sent receive received pay paid payment bill charge charged fee fees money price cost card order ordered password phone number
address name book booking room question problem issue issues error reset delete cancel canceled cancelled waiting wait since before after
until between without around week month year day days hours minutes order item refund return shipping delivery late early free cheap
possible able trying tried looking using getting having doing being going loan library
""",
    "de": """
ändern bekommen bestellen bestellung zahlen bezahlen zahlung rechnung konto karte geld preis kosten kostet nummer adresse passwort
anmelden kündigen sperren öffnen schließen schicken senden löschen verloren gestohlen kaputt falsch fehler frage fragen problem
funktioniert läuft klappt finden suche suchen machen gemacht sagen sehen kommen kommt gehen nehmen warten warte erhalten lieferung versand
buchen buchung zimmer fahrt stunden woche monat jahr uhr zeit euro rückgabe erstattung geändert gekauft gebucht überweisen welches beide
beim ihrem meines unser unsere eure wirklich einfach zusammen einmal zweimal freitag montag kreditkarte mitarbeiter
""",
    "es": """
cambiar pagar pago pagos cuenta tarjeta dinero precio cuesta factura pedido pedir número dirección contraseña clave cancelar bloquear
abrir cerrar enviar envío recibir recibido llegado llega perdido robado error problema pregunta funciona funcionar buscar encontrar decir
dijo dicen saber hablar comprar compra compré reservar reserva habitación viaje tiempo semana mes año horas devolver devolución reembolso
entrega cobrado cobraron cobro solicitar aparece quedado sale salir puedes quieres tienes mandar teléfono correo ciudad gratis nuevo nueva
último última conmigo ayudar sigue sido hecho cosa persona puesto estado esperando olvidado pasa
""",
    "fr": """
changer payer paiement compte carte argent prix coûte facture commande commander numéro adresse passe annuler bloquer ouvrir fermer
envoyer envoi recevoir reçu arrivé perdu volé erreur problème question marche fonctionne chercher cherche trouver dire savoir parler
acheter achat réserver réservation chambre voyage temps semaine mois an heure heures jour jours retour rembourser remboursement livraison
débité prélevé frais toujours quelqu mettre prendre rendre voir venir attends attente mauvais mauvaise nouveau nouvelle dernier dernière
deux trois fois petit petite possible impossible gratuit client était étaient serait pendant personne chose supprimer connecter connexion
téléphone courriel montre étranger comprends comprendre oublié afin lors celui celle
""",
    "it": """
cambiare pagare pagamento conto carta soldi denaro prezzo costa fattura ordine ordinare numero indirizzo parola annullare bloccare aprire
chiudere inviare invio spedizione ricevere ricevuto arrivato arriva perso rubato errore problema domanda funziona cercare cerco trovare
parlare comprare acquisto acquistato prenotare prenotazione camera viaggio tempo settimana mese anno ore giorno giorni restituire rimborso
consegna addebitato addebito bonifico commissioni telefono sbagliato nuovo nuova ultimo ultima due tre volta volte piccolo gratis
possibile accedere riesco riesci capire capisco aspettando attesa dato data quindi però allora invece solo proprio circa tramite presso
codice dimenticato chiedere chiesto risposta risolvere chiamare mandare darmi dirmi farmi potreste
""",
    "pt": """
mudar trocar pagar pagamento conta cartão dinheiro preço custa fatura encomenda pedido número endereço morada senha cancelar bloquear
abrir fechar enviar envio receber recebi recebido chegou chegar perdi perdido roubado erro problema pergunta dúvida funciona procurar
encontrar achar dizer disse saber falar comprar compra comprei reservar reserva quarto viagem tempo semana mês ano horas dias devolver
devolução reembolso entrega cobrado cobrança taxa telefone telemóvel celular errado novo nova último última grátis possível entrar aparece
esperando espera esqueci ficou ficar deu dar ver vem continua funcionando usando fazendo meses transferência aplicativo informação
informações atendimento quaisquer qualquer através resolver ligar mandar conseguir
""",
    "nl": """
wijzigen veranderen krijgen krijg gekregen bestellen bestelling betalen betaling rekening kaart pas geld prijs kosten kost factuur nummer
adres wachtwoord inloggen annuleren blokkeren openen sluiten sturen versturen verzenden verwijderen verloren gestolen kapot verkeerd fout
vraag vragen probleem werkt werken lukt vinden zoek zoeken maken gemaakt zeggen gezegd zien komen komt nemen wachten wacht ontvangen
levering bezorging boeken boeking kamer reis uur uren dag dagen week maand jaar tijd euro retour terugbetaling gekocht geboekt overmaken
iemand niemand volgens vanaf mijne telefoon klant medewerker nieuwe nieuw laatste eerste klein mogelijk staat staan weet weten bericht
doorgeven opnieuw klopt alleen samen
""",
    "pl": """
moją mojego mojej konto karta kartę pieniądze hasło zamówienie płatność przelew numer adres problem błąd działa zmienić zapłacić anulować
zablokować zwrot dostałem
""",
    "tr": """
hesabım hesap kart kartım kartımı para şifre sipariş siparişim ödeme numara adres sorun hata çalışmıyor değiştirmek iptal etmek geri iade
gelmedi bekliyorum
""",
    "sv": """
konto kort kortet pengar lösenord beställning betala betalning nummer adress problem fel fungerar ändra avbeställa spärra återbetalning
leverans väntar
""",
}
"""What people talk about with a service."""

NEUTRAL = """
account app bank bonus chat code email hotel internet link login mail ok okay online pin reset service site sms spam taxi ticket web wifi
"""
"""Words that say nothing: every language has taken them over."""
