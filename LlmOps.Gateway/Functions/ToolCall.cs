namespace LlmOps.Gateway.Functions;

/// <summary>A call that a model has made.</summary>
/// <param name="Id">Its id, as the model knows it.</param>
/// <param name="Name">The tool's name.</param>
/// <param name="Arguments">The arguments, as the model wrote them.</param>
internal sealed record ToolCall(string Id, string Name, string Arguments);
