using System.Text.RegularExpressions;

namespace LlmOps.Gateway.Providers.Offline.Skills;

/// <summary>The skill that returns greetings and says what it is.</summary>
internal static partial class Introduction
{
    /// <summary>Longest greeting or question, in UTF-16 units.</summary>
    private const int MaxMessage = 120;

    /// <summary>The introduction if that is what a message is about; else null.</summary>
    public static string? TryAnswer(Prompt prompt)
    {
        string message = prompt.User.Trim();
        return message.Length <= MaxMessage && (Greeting().IsMatch(message) || Question().IsMatch(message)) ? OfflineModel.Introduction : null;
    }

    [GeneratedRegex(
        @"^(hi|hello|hey|greetings|good (morning|afternoon|evening|day)|hallo|guten (tag|morgen|abend)|hola|buenos días|bonjour|salut|ciao|buongiorno|olá|oi)"
        + @"( (there|all|everyone|assistant|bot|model|again|world))?[\s!.,:)👋]*(how are you( doing)?( today)?[?!. ]*)?$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Greeting();

    [GeneratedRegex(
        @"^((hi|hello|hey)\b[!,. ]*)?((so|and|please|tell me)\b[, ]*)?(who|what)( exactly)?( are|'re|’re) you\b[^.!?]{0,30}[?!. ]*$"
        + @"|^(please )?(introduce yourself|tell me about yourself|describe yourself)[?!. ]*$"
        + @"|^what (can|do) you do\b[^.!?]{0,20}[?!. ]*$|^what('s| is) your name[?!. ]*$"
        + @"|^(which|what) (ai |language )?(model|llm|ai) are you\b[^.!?]{0,20}[?!. ]*$"
        + @"|^are you (really )?(an? |the )?(real |human|person|ai|a\.i\.|llm|language model|large language model|robot|bot|chatgpt|gpt|claude|gemini|llama|offline)[^.!?]{0,30}[?!. ]*$"
        + @"|^(wer|was) bist du\??$|^¿?quién eres\?*$|^qui es[- ]tu ?\?*$|^chi sei\?*$|^quem é você\?*$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Question();
}
