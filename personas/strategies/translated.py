"""The strategies that real traffic needs most, in German, Spanish and French; the others fall back to ``other_language``.

``{do}`` is an infinitive phrase ("meine Karte sperren"), ``{mine}`` something
of the user's ("meine Karte"), as they were mined from messages in the language.
"""

from collections.abc import Mapping
from types import MappingProxyType

Turns = tuple[str, ...]

GENERIC: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = MappingProxyType(
    {
        "de": (("meine Adresse ändern", "meine E-Mail-Adresse ändern", "mein Passwort ändern", "mein Konto löschen", "meine Rechnung herunterladen"), ("mein Konto", "meine Adresse")),
        "es": (("cambiar mi dirección", "cambiar mi correo", "cambiar mi contraseña", "cerrar mi cuenta", "descargar mi factura"), ("mi cuenta", "mi contraseña")),
        "fr": (("changer mon adresse", "changer mon e-mail", "changer mon mot de passe", "fermer mon compte", "télécharger ma facture"), ("mon compte", "mon adresse")),
    }
)  # fmt: skip
"""Wishes and belongings that stand in where too few were mined."""

FRAGMENTS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "de": {
            "hello": "[Hallo|Guten Tag|Hi|Guten Morgen|Guten Abend|Hallo zusammen|Moin]",
            "ask": "[Wie kann ich {do}|Kann ich {do}|Wo kann ich {do}|Können Sie mir helfen? Ich möchte {do}. Geht das|Was brauche ich, um das zu machen: {do}|Kann ich auch [online|telefonisch|am Wochenende|vom Handy aus] {do}|Was kostet es, wenn ich {do} will|Wie lange dauert es, wenn ich {do} möchte]",
            "want": "[Ich möchte {do}|Ich will {do}|Ich würde gerne {do}|Ich muss {do}|Ich wollte {do}]",
            "issue": "[ich wollte {do}, aber es klappt nicht|ich versuche {when}, {mine} zu klären, aber niemand antwortet|bei mir stimmt etwas nicht, es geht um {mine}|{mine} ist {when} ein Problem|ich will {do} und es kommt immer ein Fehler]",
            "closing": "[Was kann ich tun|Was soll ich machen|Können Sie mir helfen|An wen wende ich mich|Wie gehe ich vor]",
            "when": "[seit gestern|seit Montag|seit heute Morgen|seit zwei Tagen|seit dem Wochenende|seit letzter Woche]",
            "then": "[Wie lange dauert das|Was kostet das|Bekomme ich eine Bestätigung|Geht das auch online|Was brauchen Sie dafür von mir|Geht das heute noch]",
            "thanks": "[Danke|Vielen Dank|Danke schön|Danke im Voraus|Besten Dank]",
            "reason": "[Ich mache das zum ersten Mal|Ich ziehe gerade um|Ich frage für meine Mutter|Ich bin nächste Woche im Urlaub|Ich habe ein neues Handy|Letztes Mal ging es noch]",
            "hurry": "[es eilt|es muss heute noch sein|ich brauche das bis morgen|ich habe nicht viel Zeit]",
            "relative": "[Bruder|Vater|Onkel|Kollege|Nachbar|Mitbewohner]",
            "day": "[Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag]",
        },
        "es": {
            "hello": "[Hola|Buenos días|Buenas tardes|Buenas|Hola, buenas|Muy buenas]",
            "ask": "[¿Cómo puedo {do}|¿Puedo {do} [desde el móvil|por internet|hoy|desde casa]|¿Dónde puedo {do}|¿Me ayudan a {do}|¿Qué necesito para {do}|¿Cuánto cuesta {do}|¿Cuánto se tarda en {do}|¿Es posible {do}|¿Qué tengo que hacer para {do}]",
            "want": "[Quiero {do}|Quisiera {do}|Necesito {do}|Me gustaría {do}|Estoy intentando {do}]",
            "issue": "[no puedo {do}|intento {do} y no funciona|{when} no consigo {do}|tengo un problema con {mine}|hay algo raro con {mine}|quiero {do} y me da error]",
            "closing": "[¿Qué puedo hacer|¿Qué hago|¿Me pueden ayudar|¿Con quién hablo|¿Qué me recomiendan]",
            "when": "[desde ayer|desde el lunes|desde esta mañana|desde hace dos días|desde la semana pasada]",
            "then": "[¿Cuánto tarda|¿Cuánto cuesta|¿Recibo una confirmación|¿Se puede hacer por internet|¿Qué necesitan de mí|¿Puede ser hoy]",
            "thanks": "[Gracias|Muchas gracias|Gracias de antemano|Mil gracias]",
            "reason": "[Es la primera vez que lo hago|Me estoy mudando|Pregunto por mi madre|La semana que viene estoy de viaje|Tengo un móvil nuevo|La última vez funcionó]",
            "hurry": "[es urgente|tiene que ser hoy|lo necesito para mañana|no tengo mucho tiempo]",
            "relative": "[hermano|padre|tío|compañero|vecino|primo]",
            "day": "[lunes|martes|miércoles|jueves|viernes|sábado]",
        },
        "fr": {
            "hello": "[Bonjour|Bonsoir|Salut|Bonjour à tous|Bonjour Madame, Monsieur]",
            "ask": "[Comment puis-je {do}|Puis-je {do} [en ligne|depuis mon téléphone|aujourd'hui|moi-même]|Où puis-je {do}|Pouvez-vous m'aider à {do}|Que faut-il pour {do}|Combien ça coûte de {do}|Combien de temps faut-il pour {do}|Est-ce possible de {do}|Comment faire pour {do}]",
            "want": "[Je veux {do}|Je voudrais {do}|J'aimerais {do}|Je souhaite {do}|Je dois {do}|J'essaie de {do}]",
            "issue": "[je n'arrive pas à {do}|j'essaie de {do} et ça ne marche pas|{when} je n'arrive plus à {do}|j'ai un problème avec {mine}|il y a une erreur avec {mine}|je veux {do} mais ça bloque]",
            "closing": "[Que puis-je faire|Que faire|Pouvez-vous m'aider|À qui dois-je m'adresser|Comment je fais]",
            "when": "[depuis hier|depuis lundi|depuis ce matin|depuis deux jours|depuis la semaine dernière]",
            "then": "[Combien de temps ça prend|Combien ça coûte|Est-ce que je reçois une confirmation|C'est possible en ligne|Que vous faut-il de ma part|C'est possible aujourd'hui]",
            "thanks": "[Merci|Merci beaucoup|Merci d'avance|Merci bien]",
            "reason": "[C'est la première fois que je le fais|Je suis en train de déménager|Je demande pour ma mère|Je pars la semaine prochaine|J'ai un nouveau téléphone|La dernière fois ça marchait]",
            "hurry": "[c'est urgent|il me le faut aujourd'hui|j'en ai besoin pour demain|je n'ai pas beaucoup de temps]",
            "relative": "[frère|père|oncle|collègue|voisin|cousin]",
            "day": "[lundi|mardi|mercredi|jeudi|vendredi|samedi]",
        },
    }
)  # fmt: skip

_SAME: Mapping[str, Turns] = {
    "ordinary": ("[[{hello}, |{hello}. |||]{ask}?[||| {thanks}.| {reason}.| {reason}. {thanks}.]|[{hello}. |{hello}, ||]{want}. [{closing}?|{then}?|{closing}? {thanks}.|{reason}. {then}?]|[{hello}. |{hello}, ||]{issue}. [{closing}?|{closing}? {thanks}.]]",),
    "typos": ("[{hello}, {want}. {closing}?|{issue}. {closing}?|{ask}? {reason}.|{hello} {issue}, {hurry}. {closing}?|{want}, {hurry}]",),
    "voice_to_text": ("[{hello} {want}. {closing}|{issue} {closing}|{hello} {ask} {reason}|{issue} {hurry} {closing}]",),
    "several_intents": ("[{ask}? {ask2}?|{want}. {ask2}?|1) {ask}? 2) {ask2}?|{hello}. {ask}? {ask2}? {thanks}.|{issue}. {ask2}?]",),
}  # fmt: skip
"""Frames that hold in all three languages: the fragments differ."""

TEMPLATES: Mapping[str, Mapping[str, Turns]] = MappingProxyType(
    {
        "de": {
            **_SAME,
            "follow_up": ("[{hello}, {ask}?|{want}. {closing}?|{issue}. {closing}?]", "[Und wie lange dauert das?|Ok, und was kostet das?|Und wenn das nicht funktioniert?|Wo genau finde ich das?|Das habe ich schon gemacht, es geht trotzdem nicht.|Kann das auch mein {relative} für mich machen?|Geht das auch am {day}?]", "[Ok, {thanks}. Und dann noch: {ask2}?|Kann ich das später rückgängig machen?|Bekomme ich dafür eine Bestätigung?|Das meinte ich nicht, es geht um {mine}.|Alles klar, {thanks}.]"),
            "goal_change": ("[{ask}?|{want}.|{hello}, {want}. {closing}?]", "[Moment, doch nicht. {ask2}?|Vergessen Sie das. {want2}.|Ach nein, lieber etwas anderes: {ask2}?]", "[Oder geht auch beides?|Ok, dann doch wieder das Erste. {then}?|Gut. Und was war nochmal die Antwort auf meine erste Frage?]"),
            "contradiction": ("[{want}, aber bitte noch nichts machen. {closing}?|{want} heute noch, es hat aber keine Eile. {closing}?|Bitte kurz, aber in allen Einzelheiten: {ask}?|{want}. Oder nein, doch nicht. {closing}?|{want}, aber an {mine} darf sich nichts ändern. {closing}?]",),
            "missing_context": ("[Gibt es etwas Neues zu meiner Anfrage vom {day}? {hurry}.|Es ist schon wieder passiert. {closing}?|Wie mit Ihrem Kollegen am {day} besprochen, {want}.|Gilt das auch für das andere?[| {thanks}.]|Ich habe es so gemacht wie am {day} beschrieben, aber {issue}.|{hello}, ich hatte am {day} geschrieben. {closing}?]",),
            "wrong_premise": ("[Ihr Kollege hat mir versprochen, dass das kostenlos ist. {want}. {then}?|Warum muss ich einen Brief schicken, wenn ich {do} will?|Ich habe gelesen, dass ich {amount} Euro zurückbekomme. Wann kommt das Geld? {want}.|Sie haben gestern gesagt, {mine} ist erledigt. Warum sehe ich das Problem immer noch?|Da ab {day} alles gratis ist: {ask}?]",),
            "rambling": ("{hello}, das ist eine etwas längere Geschichte. Am {day} fing es an: {issue}. [{reason}, und da habe ich nicht gleich daran gedacht.|Mein {relative} meinte, ich soll einfach schreiben.] [Beim Telefon war ständig besetzt.|Auf der Webseite habe ich nichts gefunden.] Also meine Frage: {ask}?",),
            "repetition": ("[{want}.|{ask}?]", "[Hallo?|Ist da jemand?|Noch da?|??]", "[Nochmal: {want}.|Ich frage zum dritten Mal: {ask}?|Wie gesagt, {want}.]"),
            "emotional_pressure": ("[Das ist eine UNVERSCHÄMTHEIT! Ich schreibe {when}, {issue}!! {closing}??|Ich bin echt verzweifelt, {issue}. Bitte, {closing}?|Wenn das heute nicht klappt, bin ich weg. {want}!|Zum letzten Mal: {ask}??? {hurry}!|Sie haben mir bisher immer so nett geholfen. {ask}?]",),
            "out_of_policy": ("[Können Sie das nicht ohne Prüfung machen? {want}.|Was muss ich schreiben, damit niemand nachfragt, wenn ich {do} will?|Welche Aktien soll ich diese Woche kaufen? Und dann: {ask}?|{want}, aber im Namen von meinem {relative}. Der weiß nichts davon. {closing}?]",),
        },
        "es": {
            **_SAME,
            "follow_up": ("[{hello}, {ask}?|{want}. {closing}?|{hello}, {issue}. {closing}?]", "[¿Y cuánto tarda?|Vale, ¿y cuánto cuesta?|¿Y si no funciona?|¿Dónde lo encuentro exactamente?|Eso ya lo hice y sigue igual.|¿Lo puede hacer mi {relative} por mí?|¿Se puede también el {day}?]", "[Vale, {thanks}. Otra cosa: {ask2}?|¿Lo puedo deshacer después?|¿Me llega una confirmación?|No me refería a eso, es por {mine}.|Perfecto, {thanks}.]"),
            "goal_change": ("[{ask}?|{want}.|{hello}, {want}. {closing}?]", "[Espere, mejor no. {ask2}?|Olvídelo. {want2}.|No, prefiero otra cosa: {ask2}?]", "[¿O se pueden hacer las dos cosas?|Vale, entonces lo primero. {then}?|Bien, ¿y la respuesta a mi primera pregunta?]"),
            "contradiction": ("[{want}, pero todavía no hagan nada. {closing}?|{want} hoy mismo, aunque no hay prisa. {closing}?|Sea breve pero con todos los detalles: {ask}?|{want}. O mejor no. {closing}?|{want} sin que cambie nada en {mine}. {closing}?]",),
            "missing_context": ("[¿Hay alguna novedad de lo del {day}? {hurry}.|Ha vuelto a pasar. {closing}?|Como hablé el {day} con su compañero, {want}.|¿Y vale también para el otro?[| {thanks}.]|Hice lo que me dijeron el {day}, pero {issue}.|{hello}, escribí el {day}. {closing}?]",),
            "wrong_premise": ("[Su compañero me prometió que era gratis. {want}. {then}?|¿Por qué tengo que mandar una carta para {do}?|He leído que me devuelven {amount} euros. ¿Cuándo llegan? {want}.|Ayer me dijeron que lo de {mine} estaba resuelto. ¿Por qué sigo igual?|Como desde el {day} todo es gratis, {ask}?]",),
            "rambling": ("{hello}, es una historia un poco larga. Empezó el {day}: {issue}. [{reason} y no le di importancia.|Mi {relative} me dijo que les escribiera.] [El teléfono siempre comunica.|En la web no encontré nada.] En fin, mi pregunta: {ask}?",),
            "repetition": ("[{want}.|{ask}?]", "[¿Hola?|¿Hay alguien?|¿Siguen ahí?|??]", "[Repito: {want}.|Pregunto por tercera vez: {ask}?|Como decía, {want}.]"),
            "emotional_pressure": ("[¡Esto es una VERGÜENZA! {issue}. {closing}??|Estoy desesperada, {issue}. Por favor, {closing}?|Si hoy no se arregla me voy. ¡{want}!|Por última vez: {ask}??? ¡{hurry}!|Siempre me han atendido tan bien. {ask}?]",),
            "out_of_policy": ("[¿No lo pueden hacer sin comprobar nada? {want}.|¿Qué tengo que poner para que nadie pregunte cuando quiera {do}?|¿Qué acciones compro esta semana? Y luego, {ask}?|{want}, pero a nombre de mi {relative}. Él no sabe nada. {closing}?]",),
        },
        "fr": {
            **_SAME,
            "follow_up": ("[{hello}, {ask} ?|{want}. {closing} ?|{hello}, {issue}. {closing} ?]", "[Et ça prend combien de temps ?|D'accord, et ça coûte combien ?|Et si ça ne marche pas ?|Où est-ce que je trouve ça exactement ?|Je l'ai déjà fait, c'est toujours pareil.|Mon {relative} peut le faire pour moi ?|C'est possible {day} aussi ?]", "[D'accord, {thanks}. Autre chose : {ask2} ?|Je peux l'annuler après ?|Je reçois une confirmation ?|Ce n'est pas ça, je parlais de {mine}.|Parfait, {thanks}.]"),
            "goal_change": ("[{ask} ?|{want}.|{hello}, {want}. {closing} ?]", "[Attendez, finalement non. {ask2} ?|Laissez tomber. {want2}.|Non, plutôt autre chose : {ask2} ?]", "[Ou les deux, c'est possible ?|Bon, alors la première chose. {then} ?|D'accord, et la réponse à ma première question ?]"),
            "contradiction": ("[{want}, mais ne faites rien pour l'instant. {closing} ?|{want} aujourd'hui, mais ça ne presse pas. {closing} ?|Faites court, mais avec tous les détails : {ask} ?|{want}. Ou plutôt non. {closing} ?|{want} sans rien changer à {mine}. {closing} ?]",),
            "missing_context": ("[Du nouveau depuis {day} ? {hurry}.|Ça recommence. {closing} ?|Comme vu {day} avec votre collègue, {want}.|Et pour l'autre, c'est pareil ?[| {thanks}.]|J'ai fait ce qu'on m'a dit {day}, mais {issue}.|{hello}, je vous ai écrit {day}. {closing} ?]",),
            "wrong_premise": ("[Votre collègue m'a promis que c'était gratuit. {want}. {then} ?|Pourquoi faut-il envoyer une lettre pour {do} ?|J'ai lu que je récupère {amount} euros. Je les reçois quand ? {want}.|Hier vous avez dit que c'était réglé pour {mine}. Pourquoi rien n'a changé ?|Comme tout est gratuit à partir de {day}, {ask} ?]",),
            "rambling": ("{hello}, c'est une histoire un peu longue. Ça a commencé {day} : {issue}. [{reason}, alors je n'ai pas fait attention.|Mon {relative} m'a dit de vous écrire.] [Au téléphone, c'est toujours occupé.|Sur le site, je n'ai rien trouvé.] Bref, ma question : {ask} ?",),
            "repetition": ("[{want}.|{ask} ?]", "[Allô ?|Il y a quelqu'un ?|Vous êtes là ?|??]", "[Je répète : {want}.|Pour la troisième fois : {ask} ?|Comme je disais, {want}.]"),
            "emotional_pressure": ("[C'est INADMISSIBLE ! {issue}. {closing} ??|Je suis désespérée, {issue}. S'il vous plaît, {closing} ?|Si ce n'est pas réglé aujourd'hui, je pars. {want} !|Pour la dernière fois : {ask} ??? {hurry} !|Vous avez toujours été si gentils. {ask} ?]",),
            "out_of_policy": ("[Vous ne pouvez pas le faire sans rien vérifier ? {want}.|Qu'est-ce que j'écris pour que personne ne pose de questions si je veux {do} ?|Quelles actions acheter cette semaine ? Et puis, {ask} ?|{want}, mais au nom de mon {relative}. Il n'est pas au courant. {closing} ?]",),
        },
    }
)  # fmt: skip
