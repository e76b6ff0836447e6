namespace LlmOps.Gateway.Access.Parameters;

/// <summary>What may be asked on routes whose path begins alike.</summary>
internal sealed record RoutePolicy : ParameterPolicy
{
    /// <summary>The models that may be asked there, as callers name them, with * at the end for all that begin so. None named: all.</summary>
    public List<string> Models { get; init; } = [];

    /// <summary>Whether a route's path begins with another one: whole segments of it, in any letter case.</summary>
    public static bool HoldsFor(string path, string route) =>
        path.Length == 1 || (route.StartsWith(path, StringComparison.OrdinalIgnoreCase) && (route.Length == path.Length || route[path.Length] == '/'));

    /// <summary>Adds what is wrong with policies, by their paths.</summary>
    public static void Validate(IReadOnlyDictionary<string, RoutePolicy> policies, List<string> faults)
    {
        foreach (var (path, policy) in policies)
        {
            var key = $"Gateway:Access:Routes:{path}";
            if (path[0] != '/' || (path.Length > 1 && path.EndsWith('/')))
            {
                faults.Add($"{key} is named by no path; expected one such as /v1 or /llm/generate, without a slash at its end.");
            }

            if (policy.FindEmptyRange() is { } range)
            {
                var name = range == "temperature" ? "Temperature" : "TopP";
                faults.Add($"{key}:{name}Min is above {name}Max; expected a range.");
            }
        }
    }
}
