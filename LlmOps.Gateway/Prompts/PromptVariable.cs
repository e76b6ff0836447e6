namespace LlmOps.Gateway.Prompts;

/// <summary>What a prompt takes a value of.</summary>
/// <param name="Name">Letters, digits, _ and -.</param>
/// <param name="Description">What it is, for people; null for nothing.</param>
/// <param name="Default">Its value where none is given; null where one must be.</param>
/// <param name="MaxLength">The most characters of a value; null for any number.</param>
internal sealed record PromptVariable(string Name, string? Description, string? Default, int? MaxLength)
{
    /// <summary>Whether a value must be given.</summary>
    public bool IsRequired => Default is null;
}
