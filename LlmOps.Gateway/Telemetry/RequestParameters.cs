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
        Add(span, TelemetryNames.RequestTemperature, (double?)parameters.Temperature);
        Add(span, TelemetryNames.RequestMaxTokens, parameters.MaxTokens);
        Add(span, TelemetryNames.RequestTopP, (double?)parameters.TopP);
        Add(span, TelemetryNames.RequestTopK, (double?)parameters.TopK);
        Add(span, TelemetryNames.RequestSeed, parameters.Seed);
        Add(span, TelemetryNames.RequestFrequencyPenalty, (double?)parameters.FrequencyPenalty);
        Add(span, TelemetryNames.RequestPresencePenalty, (double?)parameters.PresencePenalty);
        Add(span, TelemetryNames.RequestChoiceCount, parameters.Choices);
        Add(span, TelemetryNames.RequestStopSequences, parameters.Stop?.ToArray());
        Add(span, TelemetryNames.OutputType, parameters.OutputType);
    }

    private static void Add(Activity span, string name, object? value)
    {
        if (value is not null)
        {
            span.SetTag(name, value);
        }
    }
}
