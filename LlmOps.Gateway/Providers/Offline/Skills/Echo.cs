using LlmOps.Gateway.Providers.Offline.Summaries;

namespace LlmOps.Gateway.Providers.Offline.Skills;

/// <summary>The answer where no skill has one: what was said, marked as an echo.</summary>
internal static class Echo
{
    /// <summary>Longest text that is echoed, in UTF-16 units.</summary>
    private const int MaxEchoed = 240;

    /// <summary>Always answers.</summary>
    public static string Answer(Prompt prompt)
    {
        string said = string.IsNullOrWhiteSpace(prompt.User) ? "You said nothing." : $"You said: “{WordBudget.Cut(prompt.User.Trim(), null, MaxEchoed)}”";
        string seen = prompt.Images switch
        {
            0 => "",
            1 => " You also sent an image, which I cannot see.",
            var images => $" You also sent {images} images, which I cannot see.",
        };
        return $"{OfflineModel.Mark} {said}{seen}";
    }
}
