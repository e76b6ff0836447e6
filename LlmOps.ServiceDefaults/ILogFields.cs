namespace LlmOps.ServiceDefaults;

/// <summary>
/// What a log line says, written by itself: for lines so frequent that a list of boxed values and a text would cost.
/// </summary>
public interface ILogFields
{
    /// <summary>What kind of line this is; the rest is in the fields.</summary>
    string Message { get; }

    /// <summary>Adds the fields.</summary>
    void WriteTo(LogLine line);
}
