using System.Globalization;
using System.Text.RegularExpressions;
using LlmOps.Gateway.Providers.Offline.Language;

namespace LlmOps.Gateway.Providers.Offline.Skills;

/// <summary>The skill that counts: "Count to 10", "Count from 5 down to 1".</summary>
internal static partial class Counting
{
    /// <summary>Most numbers of an answer.</summary>
    private const int MaxNumbers = 1_000;

    /// <summary>The numbers; null if a message does not ask for them.</summary>
    public static string? TryAnswer(Prompt prompt)
    {
        string message = prompt.User.Trim();
        if (message.Length > 120 || Command().Match(message) is not { Success: true } match || !NumberWords.TryParse(match.Groups["to"].Value.ToLowerInvariant(), out int to))
        {
            return null;
        }

        bool down = match.Groups["down"].Success && !match.Groups["from"].Success;
        int from = NumberWords.TryParse(match.Groups["from"].Value.ToLowerInvariant(), out int first) ? first : 1;
        (from, to) = down ? (to, 1) : (from, to);
        long count = Math.Abs((long)to - from) + 1;
        int step = to < from ? -1 : 1;
        string numbers = string.Join(", ", Enumerable.Range(0, (int)Math.Min(count, MaxNumbers)).Select(i => (from + (i * step)).ToString(CultureInfo.InvariantCulture)));
        return count > MaxNumbers ? numbers + ", …" : numbers;
    }

    [GeneratedRegex(@"^(please |can you |could you )?count (?<down>down )?(from (?<from>\w+) )?(down |up )?(to|from) (?<to>\w+)\b[^0-9]*$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Command();
}
