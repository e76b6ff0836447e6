using System.Text.RegularExpressions;
using LlmOps.Evaluator.Evaluators.Text;
using LlmOps.Gateway.Providers.Offline.Language;

namespace LlmOps.Evaluator.Evaluators.Language;

/// <summary>Finds answers that only say that they will not or cannot help, by what models say then in a dozen languages.</summary>
internal static partial class Refusal
{
    // Within this many sentences it is said; an answer of more words than that says more than it.
    private const int FirstSentences = 2;
    private const int MostWords = 120;

    /// <summary>What an answer refuses with; null where it is no refusal.</summary>
    public static string? Find(string answer)
    {
        var text = answer.Replace('’', '\'').Trim();
        if (Tokens.OfSpace(text).Count > MostWords || GoesOn().IsMatch(text))
        {
            return null;
        }

        return Sentences.Of(text).Take(FirstSentences)
            .Select(sentence => Says().Match(sentence)).FirstOrDefault(match => match.Success)?.Value.Trim();
    }

    // In the first person, and with a verb of helping: "I can't log in" is what a customer writes.
    [GeneratedRegex(
        """
        \bi(?:\ am|'m)?\ (?:really\ |sorry,?\ (?:but\ )?i\ )?(?:can(?:'t|not|\ not)|won't|will\ not|(?:am\ )?(?:unable|not\ able|not\ allowed|not\ permitted)\ to|(?:am\ )?not\ comfortable|must\ decline|have\ to\ decline|decline\ to|do\ not\ feel\ comfortable|don't\ feel\ comfortable)
            (?:\ (?:ethically|in\ good\ conscience|currently|directly|really|actually))?(?:\ (?:to\ )?(?:help|assist|provide|answer|comply|fulfil+|create|write|generate|produce|discuss|share|support|translate|summari[sz]e|process|engage|continue|do\ (?:that|this|so)|offer|give|respond|complete|participate|carry\ out|perform|make|with|your|this|that)\b|\.|,|$)
        | \b(?:i(?:\ am|'m)\ sorry|sorry),?\ (?:but\ )?(?:i|we)\ (?:can(?:'t|not)|won't)
        | \bas\ an\ ai\b[^.]{0,60}\bi\ (?:can(?:'t|not)|am\ (?:not\ able|unable)|do\ not|don't|won't)
        | \b(?:leider\ )?(?:kann|darf|werde|möchte)\ ich\ (?:\w+\ ){0,6}?nicht\b[^.]{0,60}\b(?:helfen|weiterhelfen|beantworten|unterstützen|erstellen|schreiben|nachkommen|erfüllen|behilflich|geben|bereitstellen|übersetzen|zusammenfassen)
        | \bich\ (?:kann|darf|werde|möchte)\ (?:\w+\ ){0,6}?nicht\b[^.]{0,60}\b(?:helfen|weiterhelfen|beantworten|unterstützen|erstellen|schreiben|nachkommen|erfüllen|behilflich|geben|bereitstellen|übersetzen|zusammenfassen)
        | \bje\ (?:suis\ désolée?,?\ (?:mais\ )?je\ )?(?:ne\ (?:peux|puis)\ (?:\w+\ )?pas|ne\ suis\ pas\ (?:en\ mesure|autorisée?|capable)|ne\ (?:peux|puis|saurais))\ (?:\w+\ ){0,3}?(?:vous\ |t'|y\ |de\ )?(?:aider|répondre|fournir|créer|écrire|accéder|donner|assister|traduire|résumer|faire|satisfaire|accéder)
        | \bno\ (?:me\ es\ posible|puedo|podré|estoy\ en\ condiciones\ de)\ (?:\w+\ ){0,2}?(?:ayudar\w*|responder|proporcionar\w*|crear|escribir|cumplir|ofrecer\w*|asistir\w*|traducir|resumir|hacer\w*|dar\w*)
        | \bnon\ (?:posso|sono\ in\ grado\ di|mi\ è\ possibile)\ (?:\w+\ ){0,2}?(?:aiutar\w*|rispondere|fornir\w*|creare|scrivere|soddisfare|assister\w*|tradurre|riassumere|farlo|dar\w*)
        | \bnão\ (?:posso|consigo|estou\ em\ condições\ de|me\ é\ possível)\ (?:\w+\ ){0,2}?(?:ajud\w*|responder|fornecer|criar|escrever|atender|auxiliar|traduzir|resumir|fazer|dar)
        | \bik\ kan\ (?:\w+\ ){0,4}?niet\b[^.]{0,40}\b(?:helpen|beantwoorden|geven|maken|schrijven|vertalen|samenvatten|voldoen)
        | \bnie\ (?:mogę|jestem\ w\ stanie)\ (?:\w+\ ){0,3}?(?:pomóc|odpowiedzieć|udzielić|spełnić|napisać|stworzyć|przetłumaczyć|podać)
        | \bя\ не\ (?:могу|в\ состоянии|буду)\ (?:\w+\ ){0,3}?(?:помочь|помогать|ответить|предоставить|выполнить|написать|создать|перевести)
        | (?:抱歉|对不起|對不起|很遗憾)[，,。]?[^。]{0,12}(?:无法|不能|無法)|我(?:无法|不能|無法)(?:帮助|提供|回答|协助|满足|完成|協助|生成|创建)
        | (?:申し訳|すみません|恐れ入り)[^。]{0,40}(?:できません|できかねます|いたしかねます|お答えできません)|(?:お手伝い|お答え|ご提供|お応え|対応)(?:することは)?(?:は)?(?:でき(?:ません|かねます)|いたしかねます)
        | (?:죄송|미안)[^.]{0,40}(?:수\ 없습니다|없어요|어렵습니다)
        """,
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Says();

    // It helps all the same: "but here is", "aber hier ist".
    [GeneratedRegex(
        @"\b(?:but|however|instead|that said|still)\b[^.!?]{0,60}\b(?:here(?:'s| is| are)|below)\b|\bhere(?:'s| is| are) (?:a|an|the|my|what)\b|\b(?:aber|jedoch|stattdessen)\b[^.!?]{0,40}\bhier (?:ist|sind)\b|\bvoici\b|\baquí (?:está|están|tiene|tienes)\b|\becco\b|\baqui está\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex GoesOn();
}
