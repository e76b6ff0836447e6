namespace LlmOps.Gateway.Prompts.Labels;

/// <summary>How labels are called.</summary>
internal static class LabelName
{
    /// <summary>Names the version that runs where nobody asks for another.</summary>
    public const string Production = "production";

    /// <summary>What a name must look like, for messages.</summary>
    public const string Form = PromptTemplate.NameForm + ", that is no version";

    /// <summary>Whether a text can be a label's name. One like v2 would be taken for a version.</summary>
    public static bool IsValid(string text) => PromptTemplate.IsName(text) && VersionName.Parse(text) is null;
}
