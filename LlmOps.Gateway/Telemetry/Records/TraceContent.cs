namespace LlmOps.Gateway.Telemetry.Records;

/// <summary>What was said in a request, where that is captured: masked and shortened as the settings say.</summary>
/// <param name="Messages">What was asked, in the order of the conversation, the system's instructions first.</param>
/// <param name="Answer">What was answered; null where there was no answer.</param>
internal sealed record TraceContent(IReadOnlyList<TraceMessage> Messages, string? Answer)
{
    /// <summary>About how many bytes it takes.</summary>
    public int Size => Messages.Sum(message => message.Text.Length + 50) + (Answer?.Length ?? 0);
}

/// <summary>One message of a conversation.</summary>
/// <param name="Role">system, developer, user, assistant or tool.</param>
/// <param name="Text">Its text; of a tool's call its name and arguments, of an image its type.</param>
internal sealed record TraceMessage(string Role, string Text);
