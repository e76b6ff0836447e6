using System.Buffers;

namespace LlmOps.Gateway.Guardrails.Findings;

/// <summary>Keys of providers, known by their first characters.</summary>
internal static class ProviderKeys
{
    // Anthropic's, OpenAI's and GitHub's are up to 200 long.
    private const int Longest = 512;

    private static readonly SearchValues<char> Alphanumeric = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
    private static readonly SearchValues<char> WithDots = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.");

    private static readonly Kind[] Kinds =
    [
        // sk-proj-, sk-ant-, sk-or-, sk-llmops- and those of who copies OpenAI.
        new("sk-", Characters.Base64Url, 16, Longest),
        new("gsk_", Alphanumeric, 20, Longest),
        new("xai-", Alphanumeric, 20, Longest),
        new("pplx-", Alphanumeric, 20, Longest),
        new("nvapi-", Characters.Base64Url, 20, Longest),
        new("r8_", Alphanumeric, 30, Longest),
        new("hf_", Alphanumeric, 30, Longest),
        new("AIza", Characters.Base64Url, 30, 40),
        new("GOCSPX-", Characters.Base64Url, 20, Longest),
        new("ya29.", Characters.Base64Url, 20, Longest),
        new("AKIA", Characters.Capitals, 16, 16),
        new("ASIA", Characters.Capitals, 16, 16),
        new("ghp_", Alphanumeric, 30, Longest),
        new("gho_", Alphanumeric, 30, Longest),
        new("ghu_", Alphanumeric, 30, Longest),
        new("ghs_", Alphanumeric, 30, Longest),
        new("ghr_", Alphanumeric, 30, Longest),
        new("github_pat_", Characters.Base64Url, 22, Longest),
        new("glpat-", WithDots, 20, Longest),
        new("xoxa-", Characters.Base64Url, 16, Longest),
        new("xoxb-", Characters.Base64Url, 16, Longest),
        new("xoxe-", Characters.Base64Url, 16, Longest),
        new("xoxo-", Characters.Base64Url, 16, Longest),
        new("xoxp-", Characters.Base64Url, 16, Longest),
        new("xoxr-", Characters.Base64Url, 16, Longest),
        new("xoxs-", Characters.Base64Url, 16, Longest),
        new("xapp-", Characters.Base64Url, 16, Longest),
        new("sk_live_", Alphanumeric, 16, Longest),
        new("rk_live_", Alphanumeric, 16, Longest),
        new("whsec_", Alphanumeric, 24, Longest),
        new("npm_", Alphanumeric, 30, Longest),
        new("pypi-", Characters.Base64Url, 40, Longest),
        new("dckr_pat_", Characters.Base64Url, 20, Longest),
        new("dop_v1_", Characters.Hexadecimal, 64, 64),
        new("shpat_", Characters.Hexadecimal, 32, 32),
        new("SG.", WithDots, 40, Longest),
        new("SK", Characters.Hexadecimal, 32, 32),
    ];

    /// <summary>What keys begin with.</summary>
    public static IEnumerable<string> Marks => Kinds.Select(kind => kind.Mark);

    /// <summary>The key that begins at a place.</summary>
    public static int Match(ref Peek text, int start)
    {
        foreach (var (mark, characters, shortest, longest) in Kinds)
        {
            if (!text.Text[start..].StartsWith(mark))
            {
                continue;
            }

            var begin = start + mark.Length;
            var end = text.RunEnd(begin, characters, longest + 1);
            var key = text.Text[begin..end].TrimEnd("-_.");
            if (key.Length >= shortest && key.Length <= longest && !char.IsAsciiLetterOrDigit(text[begin + key.Length]) && Randomness.IsKey(key))
            {
                return begin + key.Length;
            }
        }

        return -1;
    }

    private sealed record Kind(string Mark, SearchValues<char> Allowed, int Shortest, int Longest);
}
