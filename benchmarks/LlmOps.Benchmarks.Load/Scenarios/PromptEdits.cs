using System.Diagnostics;
using System.Globalization;
using LlmOps.Benchmarks.Load.Subjects;

namespace LlmOps.Benchmarks.Load.Scenarios;

/// <summary>What people do to the prompts folder meanwhile: versions are edited, files that are none come and go, and the label moves.</summary>
/// <param name="folder">The prompts folder.</param>
/// <param name="prompt">The prompt.</param>
internal sealed class PromptEdits(string folder, string prompt)
{
    /// <summary>The model that its versions ask.</summary>
    public const string Model = "repeater";

    private const int Lines = 200;
    private const int LongestRest = 400;
    private const int LongestHalf = 50;

    // After so long without a change the gateway takes a file to be whole.
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(200);

    private readonly List<Move> _moves = [];
    private readonly HashSet<int> _slow = [];

    /// <summary>How often a version was written anew.</summary>
    public int Edits { get; private set; }

    /// <summary>How often the label was moved.</summary>
    public int Moves => _moves.Count - 1;

    /// <summary>Edits that this machine was so slow to write that their first half stood for as long as a file that is whole.</summary>
    public IReadOnlySet<int> Slow => _slow;

    /// <summary>Writes both versions as they are before any edit.</summary>
    public void Begin()
    {
        Directory.CreateDirectory(Path.Combine(folder, prompt));
        foreach (var version in (int[])[1, 2])
        {
            File.WriteAllText(PathOf(version), Text(version, 0));
        }
    }

    /// <summary>Moves the label to a version.</summary>
    public async Task MoveAsync(Administrator administrator, int version, CancellationToken cancellationToken)
    {
        var from = Stopwatch.GetTimestamp();
        await administrator.MoveAsync(prompt, version, cancellationToken);
        _moves.Add(new Move(version, from, Stopwatch.GetTimestamp()));
    }

    /// <summary>Edits for some time, and moves the label so many times meanwhile.</summary>
    public async Task RunAsync(Administrator administrator, TimeSpan time, int moves, CancellationToken cancellationToken)
    {
        using var over = new CancellationTokenSource(time);
        var edited = EditAsync(over.Token, cancellationToken);
        for (var (begun, move) = (Stopwatch.GetTimestamp(), 1); move <= moves; move++)
        {
            var wait = time * move / (moves + 1) - Stopwatch.GetElapsedTime(begun);
            await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, cancellationToken);
            await MoveAsync(administrator, (move % 2) + 1, cancellationToken);
        }

        await edited;
    }

    /// <summary>Whether it was made of a version that was loaded by half.</summary>
    public bool IsHalf(PromptAnswer answer) => answer is { IsAnswered: true, IsWhole: false } && !_slow.Contains(answer.Edit);

    /// <summary>Whether its version was not in force at any time between sending and receiving. It may be from the beginning of its move to the end of the next one.</summary>
    public bool IsOutOfForce(PromptAnswer answer) => answer.IsAnswered && !_moves.Where((move, index) =>
        move.Version == answer.Version && move.From <= answer.To && (index + 1 == _moves.Count || _moves[index + 1].To >= answer.From)).Any();

    /// <summary>What a version says after an edit, its variable having the value.</summary>
    public static string Said(int version, int edit, string value) => string.Create(CultureInfo.InvariantCulture,
        $"begin v{version} edit {edit} for {value}\n{string.Concat(Enumerable.Repeat("and a line of a long text\n", Lines))}end v{version} edit {edit} for {value}");

    private async Task EditAsync(CancellationToken over, CancellationToken cancellationToken)
    {
        var bad = Path.Combine(folder, "bad");
        while (!over.IsCancellationRequested)
        {
            // 1. A version in two halves, as an editor may write it.
            var edit = ++Edits;
            var version = (edit % 2) + 1;
            var text = Text(version, edit);
            await using (var file = new StreamWriter(PathOf(version)))
            {
                await file.WriteAsync(text.AsMemory(..(text.Length / 2)), cancellationToken);
                await file.FlushAsync(cancellationToken);
                var half = Stopwatch.GetTimestamp();
                await Task.Delay(Random.Shared.Next(LongestHalf), cancellationToken);
                await file.WriteAsync(text.AsMemory((text.Length / 2)..), cancellationToken);
                await file.FlushAsync(cancellationToken);
                if (Stopwatch.GetElapsedTime(half) > Settling)
                {
                    _slow.Add(edit);
                }
            }

            // 2. Files that are no versions, and which are taken away the next time.
            if (edit % 2 == 0)
            {
                Directory.CreateDirectory(bad);
                await File.WriteAllTextAsync(Path.Combine(bad, "v1.yaml"), $"name: other\nedit: {edit}\n", cancellationToken);
                await File.WriteAllTextAsync(PathOf(3), $"name: {prompt}\nversion: v3\nuser: '{{{{unclosed'\n", cancellationToken);
            }
            else if (Directory.Exists(bad))
            {
                Directory.Delete(bad, recursive: true);
                File.Delete(PathOf(3));
            }

            await Task.Delay(Random.Shared.Next(LongestRest), cancellationToken);
        }
    }

    private string PathOf(int version) => Path.Combine(folder, prompt, $"v{version}.yaml");

    private string Text(int version, int edit) =>
        $"name: {prompt}\nversion: v{version}\nmodel: {Model}\nuser: |\n  {Said(version, edit, "{{number}}").Replace("\n", "\n  ", StringComparison.Ordinal)}\n";

    private sealed record Move(int Version, long From, long To);
}
