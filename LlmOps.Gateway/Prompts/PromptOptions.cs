using System.ComponentModel.DataAnnotations;

namespace LlmOps.Gateway.Prompts;

/// <summary>Where prompts are.</summary>
internal sealed class PromptOptions
{
    /// <summary>The folder of prompts, NAME/vN.yaml; from the working directory on, or, where that has no such folder, from the program's. Read at start only.</summary>
    public string Folder { get; set; } = "prompts";

    /// <summary>For a prompt, the version that its label production is to name: NAME_PROMPT_VERSION sets it, with _ for -. It counts once, as a move, when it differs from what it was at an earlier start.</summary>
    public Dictionary<string, string> Production { get; set; } = [];

    /// <summary>Most evaluations that are kept for GET /admin/evaluations; the newest are.</summary>
    [Range(1, 1_000_000)]
    public int MaxEvaluations { get; set; } = 10_000;

    /// <summary>The folder's full path.</summary>
    public string FullPath()
    {
        var own = Path.GetFullPath(Folder);
        var shipped = Path.GetFullPath(Folder, AppContext.BaseDirectory);
        return Directory.Exists(own) || !Directory.Exists(shipped) ? own : shipped;
    }
}
