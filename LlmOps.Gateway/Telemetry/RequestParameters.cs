using System.Diagnostics;
using System.Text.Json;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Telemetry.Records;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Telemetry;

/// <summary>What a chat asks a model to answer with, as telemetry has it.</summary>
internal static class RequestParameters
{
    /// <summary>The parameters of a chat; what is left to the provider is null.</summary>
    public static TraceParameters Of(GatewayChatOptions options) => new()
    {
        Temperature = options.Temperature,
        MaxTokens = options.MaxOutputTokens,
        TopP = options.TopP,
        TopK = options.TopK,
        Seed = options.Seed,
        FrequencyPenalty = options.FrequencyPenalty,
        PresencePenalty = options.PresencePenalty,
        Choices = options.Extra("n") is { ValueKind: JsonValueKind.Number } n && n.TryGetInt32(out var choices) && choices != 1 ? choices : null,
        Stop = options.StopSequences is { Count: > 0 } stop ? [.. stop] : null,
        OutputType = options.ResponseFormat is ChatResponseFormatJson ? "json" : null,
        Tools = options.Tools is { Count: > 0 } tools ? tools.Count : null,
    };

    /// <summary>Adds them to the span of a call, by the names of the conventions.</summary>
    public static void AddTo(this TraceParameters parameters, Activity span)
    {
        Add(span, TelemetryNames.RequestTemperature, Exact(parameters.Temperature));
        Add(span, TelemetryNames.RequestMaxTokens, parameters.MaxTokens);
        Add(span, TelemetryNames.RequestTopP, Exact(parameters.TopP));
        Add(span, TelemetryNames.RequestTopK, (double?)parameters.TopK);
        Add(span, TelemetryNames.RequestSeed, parameters.Seed);
        Add(span, TelemetryNames.RequestFrequencyPenalty, Exact(parameters.FrequencyPenalty));
        Add(span, TelemetryNames.RequestPresencePenalty, Exact(parameters.PresencePenalty));
        Add(span, TelemetryNames.RequestChoiceCount, parameters.Choices);
        Add(span, TelemetryNames.RequestStopSequences, parameters.Stop?.ToArray());
        Add(span, TelemetryNames.OutputType, parameters.OutputType);
    }

    // The digits that were sent: 0.2, and not the nearest float's 0.20000000298.
    private static double? Exact(float? value) => value is { } given && float.IsFinite(given) && Math.Abs(given) < 1e9f ? (double)(decimal)given : value;

    private static void Add(Activity span, string name, object? value)
    {
        if (value is not null)
        {
            span.SetTag(name, value);
        }
    }
}
