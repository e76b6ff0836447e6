namespace LlmOps.Gateway.Providers.Offline.Language;

/// <summary>Reads names of tools, properties and options.</summary>
internal static class Identifiers
{
    /// <summary>The words of a name such as get_weather, getWeather or "Get weather", in lower case.</summary>
    public static IEnumerable<string> Words(string name)
    {
        int start = 0;
        for (int i = 1; i <= name.Length; i++)
        {
            bool boundary = i == name.Length || !char.IsLetterOrDigit(name[i]) || !char.IsLetterOrDigit(name[i - 1]) || (char.IsUpper(name[i]) && char.IsLower(name[i - 1]));
            if (boundary)
            {
                if (char.IsLetterOrDigit(name[start]))
                {
                    yield return name[start..i].ToLowerInvariant();
                }

                start = i;
            }
        }
    }
}
