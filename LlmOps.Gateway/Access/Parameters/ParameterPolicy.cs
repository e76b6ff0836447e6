using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace LlmOps.Gateway.Access.Parameters;

/// <summary>The ranges that parameters of chats must lie in, both ends included; null for no bound but the API's own.</summary>
internal record ParameterPolicy
{
    /// <summary>Highest temperature there is.</summary>
    public const float HighestTemperature = 2;

    /// <summary>Highest top_p there is.</summary>
    public const float HighestTopP = 1;

    /// <summary>Most choices that one request may ask for.</summary>
    public const int MostChoices = 128;

    /// <summary>Least temperature.</summary>
    [Range(0.0, HighestTemperature), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public float? TemperatureMin { get; init; }

    /// <summary>Highest temperature.</summary>
    [Range(0.0, HighestTemperature), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public float? TemperatureMax { get; init; }

    /// <summary>Least top_p.</summary>
    [Range(0.0, HighestTopP), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public float? TopPMin { get; init; }

    /// <summary>Highest top_p.</summary>
    [Range(0.0, HighestTopP), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public float? TopPMax { get; init; }

    /// <summary>Most tokens of an answer (max_tokens, max_completion_tokens); also what a request gets that does not say.</summary>
    [Range(1, int.MaxValue), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MaxTokensMax { get; init; }

    /// <summary>Most choices (n).</summary>
    [Range(1, MostChoices), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? NMax { get; init; }

    /// <summary>The first range whose least value is above its highest, as its name in JSON: temperature or top_p; null for none.</summary>
    public string? FindEmptyRange() => TemperatureMin > TemperatureMax ? "temperature" : TopPMin > TopPMax ? "top_p" : null;
}
