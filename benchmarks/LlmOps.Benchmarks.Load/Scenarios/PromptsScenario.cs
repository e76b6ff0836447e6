using System.CommandLine;
using System.Globalization;
using LlmOps.Benchmarks.Load.Subjects;

namespace LlmOps.Benchmarks.Load.Scenarios;

/// <summary>Prompts change while they are used: how soon is a label's move in force on all replicas, and does any request see a change half done?</summary>
internal sealed class PromptsScenario : IScenario
{
    private const int Replicas = 3;
    private const string Prompt = "edited";

    private static readonly TimeSpan LongestMove = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(20);

    private readonly Option<int> _seconds = new("--seconds") { Description = "How long prompts are edited under load.", DefaultValueFactory = _ => 60 };
    private readonly Option<int> _moves = new("--moves") { Description = "How often the label is moved: over replicas with Redis, without, and under load.", DefaultValueFactory = _ => 100 };

    public string Name => "prompts";

    public string Description => $"A label is moved over {Replicas} replicas; prompts are edited under {PromptLoad.Rate} requests/s: how soon is it in force, and is anything seen half done?";

    public IReadOnlyList<Option> Options => [_seconds, _moves];

    public async Task<bool> RunAsync(Bench bench, ParseResult options, CancellationToken cancellationToken)
    {
        var moves = options.GetValue(_moves);
        var forms = await MoveAsync(bench, moves, cancellationToken);
        Console.WriteLine();
        var (edits, answers) = await EditAsync(bench, TimeSpan.FromSeconds(options.GetValue(_seconds)), moves, cancellationToken);
        return Judge(forms, edits, answers);
    }

    private static async Task<List<Form>> MoveAsync(Bench bench, int moves, CancellationToken cancellationToken)
    {
        List<Form> forms = [];
        if (PostgresServer.Fault is { } missing)
        {
            Console.WriteLine($"--- moves over replicas are left out, and not judged: {missing}");
            return forms;
        }

        using var postgres = await PostgresServer.StartAsync(cancellationToken);
        Console.WriteLine("replicas | moves | in force on the slowest, p50 ms | p95 ms | longest ms || answered, p50 ms | longest ms");
        if (RedisServer.Fault is { } fault)
        {
            Console.WriteLine($"--- replicas with Redis are left out, and not judged: {fault}");
        }
        else
        {
            await bench.StartRedisAsync(cancellationToken);
            await AddAsync("with Redis", site => ("REDIS_URL", $"redis://{site.Redis}"));
        }

        await AddAsync("without Redis", _ => ("REDIS_ENABLED", "false"));
        return forms;

        async Task AddAsync(string name, Func<Site, (string Name, string Value)> redis)
        {
            forms.Add(await MoveAsync(bench, name, moves, site => [("DATABASE_URL", postgres.Url), redis(site)], cancellationToken));
            Console.WriteLine(forms[^1]);
        }
    }

    private static async Task<Form> MoveAsync(Bench bench, string name, int moves, Func<Site, (string Name, string Value)[]> switches, CancellationToken cancellationToken)
    {
        // A prompt of its own, as the forms have one database.
        var (prompt, folder) = (name.Replace(' ', '-').ToLowerInvariant(), bench.Workspace.RunFolder($"prompts {name}"));
        new PromptEdits(folder, prompt).Begin();
        List<RunningSubject> replicas = [];
        try
        {
            replicas.AddRange(Enumerable.Range(1, Replicas).Select(replica => bench.Launch(Gateway($"llmops {replica} {name}", folder, switches), withCounters: false)));
            foreach (var replica in replicas)
            {
                await Bench.WaitAsync(replica, LongestStart, cancellationToken);
            }

            using var label = new LabelMoves(replicas, prompt);
            var seen = await label.RunAsync(moves, cancellationToken);
            return new Form(name, [.. seen.Select(move => move.Everywhere.TotalMilliseconds).Order()], [.. seen.Select(move => move.Answered.TotalMilliseconds).Order()]);
        }
        finally
        {
            replicas.ForEach(replica => replica.Dispose());
        }
    }

    private static async Task<(PromptEdits Edits, PromptAnswer[] Answers)> EditAsync(Bench bench, TimeSpan time, int moves, CancellationToken cancellationToken)
    {
        var folder = bench.Workspace.RunFolder("prompts under load");
        var edits = new PromptEdits(folder, Prompt);
        edits.Begin();
        var repeater = await bench.StartAsync(new Subject("repeater") { Command = site => new(site.Workspace.Servers, "repeat", $"{site.Port}") }, withCounters: false, cancellationToken);
        var gateway = await bench.StartAsync(Gateway("llmops, prompts", folder, _ => Repeated(repeater)), withCounters: false, cancellationToken);
        using var administrator = new Administrator(gateway.Port);
        using var load = PromptLoad.Of(gateway, Prompt);
        await edits.MoveAsync(administrator, 1, cancellationToken);

        // The gateway's own warm-up says nothing of it.
        await load.RunAsync(WarmUp, cancellationToken);
        Console.WriteLine($"{PromptLoad.Rate} requests/s | requests | failed | p50 ms | p99 ms | longest ms || of half a version | of one not in force || edits | of them answered with | moves");
        Print("quiet", await load.RunAsync(Quiet, cancellationToken));
        using var over = new CancellationTokenSource();
        var asked = load.RunAsync(over.Token, cancellationToken);
        await edits.RunAsync(administrator, time, moves, cancellationToken);
        await over.CancelAsync();
        var answers = await asked;
        Print("edited and moved", answers);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"--- the callers themselves stood still for at most {load.LongestStall.TotalMilliseconds:0} ms; {edits.Slow.Count} edits stood half written for as long as a whole file does (not judged)"));
        return (edits, answers);

        void Print(string name, PromptAnswer[] some)
        {
            double[] milliseconds = [.. some.Where(answer => answer.IsAnswered).Select(answer => answer.Milliseconds).Order()];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name} | {some.Length} | {some.Length - milliseconds.Length} | {Statistics.Percentile(milliseconds, 50):0.0} | {Statistics.Percentile(milliseconds, 99):0.0} | {Statistics.Percentile(milliseconds, 100):0.0} || {some.Count(edits.IsHalf)} | {some.Count(edits.IsOutOfForce)} || {edits.Edits} | {EditsOf(some)} | {edits.Moves}"));
        }
    }

    private static (string Name, string Value)[] Repeated(RunningSubject repeater) =>
    [
        ("Gateway__Providers__repeater__Type", "openai"),
        ("Gateway__Providers__repeater__BaseUrl", $"http://127.0.0.1:{repeater.Port}/v1"),
        ("Gateway__Providers__repeater__ApiKey", "sk-repeater"),
        ($"Gateway__Models__{PromptEdits.Model}__Targets__0__Provider", "repeater"),
        ($"Gateway__Models__{PromptEdits.Model}__Targets__0__Model", "gpt-4o-mini"),
    ];

    private static Subject Gateway(string name, string folder, Func<Site, (string Name, string Value)[]> switches) => new(name)
    {
        IsDotNet = true,
        Command = site => SubjectList.LlmOps(site, [("LLMOPS_ADMIN_KEY", SubjectList.AdministratorKey), ("Gateway__Prompts__Folder", folder), .. switches(site)]),
    };

    private static int EditsOf(PromptAnswer[] answers) => answers.Where(answer => answer.Edit > 0).DistinctBy(answer => answer.Edit).Count();

    private static bool Judge(List<Form> forms, PromptEdits edits, PromptAnswer[] answers)
    {
        var verdict = new Verdict();
        var met = new Period();
        foreach (var failed in answers.Where(answer => !answer.IsAnswered))
        {
            met.AddError(failed.Answer);
        }

        Console.WriteLine();
        foreach (var form in forms)
        {
            verdict.Demand(string.Create(CultureInfo.InvariantCulture, $"{form.Name}, each move was in force on all {Replicas} replicas within {LongestMove.TotalSeconds:0} s"),
                form.Milliseconds[^1] <= LongestMove.TotalMilliseconds, string.Create(CultureInfo.InvariantCulture, $"the slowest after {form.Milliseconds[^1]:0} ms"));
        }

        verdict.Demand("no request failed", met.Errors.Count == 0, met.Errors.Count == 0 ? $"{answers.Length} requests" : met.ErrorLine);
        verdict.Demand("none was made of a version that was loaded by half", !answers.Any(edits.IsHalf), $"{answers.Count(edits.IsHalf)}");
        verdict.Demand("none was made of a version that was not in force between its sending and its answer", !answers.Any(edits.IsOutOfForce), $"{answers.Count(edits.IsOutOfForce)}");
        verdict.Demand("edits and moves came through", EditsOf(answers) > 0 && answers.Where(answer => answer.IsAnswered).DistinctBy(answer => answer.Version).Count() == 2,
            $"there are answers of {EditsOf(answers)} edits of {edits.Edits}, which replaced each other, and of both versions");
        return verdict.IsYes;
    }

    /// <summary>What moves over replicas took.</summary>
    /// <param name="Name">How the replicas were set up.</param>
    /// <param name="Milliseconds">Of each move, until it was in force on the slowest replica; the fastest first.</param>
    /// <param name="Answered">The same until the replica that was asked answered.</param>
    private sealed record Form(string Name, double[] Milliseconds, double[] Answered)
    {
        /// <inheritdoc/>
        public override string ToString() => string.Create(CultureInfo.InvariantCulture,
            $"{Name} | {Milliseconds.Length} | {Statistics.Percentile(Milliseconds, 50):0} | {Statistics.Percentile(Milliseconds, 95):0} | {Milliseconds[^1]:0} || {Statistics.Percentile(Answered, 50):0} | {Answered[^1]:0}");
    }
}
