using BenchmarkDotNet.Attributes;
using LlmOps.Gateway.Guardrails;
using LlmOps.Gateway.Guardrails.Findings;
using LlmOps.Gateway.Guardrails.Injection;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Benchmarks.Micro;

/// <summary>What guardrails cost a request: its prompt, and an answer of the same length, with all rules that look at texts; then each of those rules alone.</summary>
[MemoryDiagnoser]
public class GuardrailBenchmarks
{
    private readonly InjectionDetector _injection = new();
    private readonly GuardrailStatistics _statistics = new();
    private readonly List<Finding> _findings = [];
    private PromptGuard _guard = null!;
    private GatewayRequest _request = null!;
    private GuardrailPolicy _policy = null!;
    private long _seed;
    private string _text = "";
    private ChatMessage[] _messages = [];
    private ChatResponse _answer = new();

    /// <summary>A name of <see cref="Samples.Prompts"/>.</summary>
    [ParamsSource(nameof(Names))]
    public string Prompt { get; set; } = "";

    public static IEnumerable<string> Names => Samples.Prompts.Keys;

    [GlobalSetup]
    public void Setup()
    {
        // Monitored: what finds is the same, and nothing is thrown.
        _request = LogBenchmarks.Answered(("Gateway:Guardrails:PromptInjection", "Monitor"), ("Gateway:Guardrails:BlockedWords", "Monitor"), ("Gateway:Guardrails:BlockedWordList", "project falcon,moonshot"));
        _policy = _request.Configuration.Guardrails.Of(_request);
        _guard = new PromptGuard(_injection, _statistics);
        _text = Samples.Prompts[Prompt];
        _messages = [new ChatMessage(ChatRole.User, _text)];
        _answer = new ChatResponse(new ChatMessage(ChatRole.Assistant, _text));
    }

    // Under a seed of its own no text is known.
    [Benchmark(Baseline = true)]
    public object? WholePrompt() => _guard.Admit(_policy with { Seed = ++_seed }, _messages, _request);

    [Benchmark]
    public object? KnownPrompt() => _guard.Admit(_policy, _messages, _request);

    [Benchmark]
    public bool WholeAnswer()
    {
        var check = new AnswerCheck(_policy, _request, null, null, _statistics);
        check.Check(_answer);
        return check.IsEmpty;
    }

    [Benchmark]
    public bool Injection() => _injection.Score(_text).IsAttack;

    [Benchmark]
    public int Secrets() => Found(_request.Configuration.Guardrails.Secrets);

    [Benchmark]
    public int PersonalData() => Found(_request.Configuration.Guardrails.PersonalData);

    [Benchmark]
    public int BlockedWords() => Found(_request.Configuration.Guardrails.BlockedWords);

    private int Found(ITextDetector detector)
    {
        _findings.Clear();
        return detector.Find(_text, 0, _findings);
    }
}
