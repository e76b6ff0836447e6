using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using LlmOps.Tests.Access;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Prompts;

/// <summary>While requests come, versions are edited, labels moved and bad files dropped in.</summary>
public sealed class PromptsUnderLoadTests : PromptGatewayTests
{
    private const int Moves = 100;
    private const int Callers = 8;

    private readonly ConcurrentQueue<Move> _moves = new();

    [Fact]
    public async Task EditsMovesAndBadFiles_FailNoRequest_AndEachSeesAWholeVersionThatWasInForce()
    {
        WriteVersion(1, 0);
        WriteVersion(2, 0);
        Fake.Handler = Echo;
        await MoveTimedAsync(1);
        using var over = new CancellationTokenSource();
        var answered = new ConcurrentBag<Answered>();
        var callers = Enumerable.Range(0, Callers).Select(caller => CallAsync(caller, answered, over.Token)).ToList();
        var edits = EditAsync(over.Token);

        for (var move = 1; move <= Moves; move++)
        {
            await MoveTimedAsync((move % 2) + 1);
            var count = answered.Count;
            await Conditions.HoldsAsync(() => Task.FromResult(answered.Count > count + Callers));
        }

        await over.CancelAsync();
        await Task.WhenAll([.. callers, edits]);
        answered.Count.ShouldBeGreaterThan(Moves * Callers);
        answered.ShouldAllBe(each => each.Status == HttpStatusCode.OK);
        answered.ShouldAllBe(each => each.IsWhole);
        answered.Where(each => !WasInForce(each)).ShouldBeEmpty();
    }

    // What the model was told, whole or not.
    private static FakeReply Echo(ReceivedRequest request)
    {
        var said = request.Json.GetProperty("messages")[0].GetProperty("content").GetString()!;
        return FakeOpenAI.Handler(FakeAnswer.Text(said))(request);
    }

    // Both ends of a version say the same, and which it is.
    private static string VersionText(int version, int edit) =>
        $"name: edited\nversion: v{version}\nuser: |\n  begin v{version} edit {edit} {{{{name}}}}\n{string.Concat(Enumerable.Repeat("  and a line of a long text\n", 200))}  end v{version} edit {edit}\n";

    private void WriteVersion(int version, int edit) => Write($"edited/v{version}.yaml", VersionText(version, edit));

    private async Task EditAsync(CancellationToken over)
    {
        for (var edit = 1; !over.IsCancellationRequested; edit++)
        {
            // In two halves, as an editor may write it; beside it files that are none.
            var version = (edit % 2) + 1;
            var path = Path.Combine(Folder, $"edited/v{version}.yaml");
            var text = VersionText(version, edit);
            await using (var file = new StreamWriter(path))
            {
                await file.WriteAsync(text[..(text.Length / 2)]);
                await file.FlushAsync(CancellationToken.None);
                await Task.Yield();
                await file.WriteAsync(text[(text.Length / 2)..]);
            }

            Write("edited/v3.yaml", "name: edited\nversion: v3\nuser: '{{unclosed'\n");
            Write("bad/v1.yaml", $"name: other\nedit: {edit}\n");
            var begins = $"begin v{version} edit {edit} ";
            await Conditions.HoldsAsync(() => Task.FromResult(over.IsCancellationRequested || Current.Prompts["edited"].Versions[version].Messages[0].Content.Source.StartsWith(begins, StringComparison.Ordinal)));
        }
    }

    private async Task CallAsync(int caller, ConcurrentBag<Answered> answered, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            var from = TimeProvider.System.GetTimestamp();
            using var response = await Gateway.PostAsync("/prompts/edited/run", $$$"""{"variables":{"name":"caller {{{caller}}}"},"model":"gpt-4o"}""", cancellationToken: CancellationToken.None);
            var body = await response.Content.ReadAsStringAsync(CancellationToken.None);
            var to = TimeProvider.System.GetTimestamp();
            var said = response.IsSuccessStatusCode ? JsonElement.Parse(body).GetProperty("response").GetString()!.TrimEnd() : "";
            var version = response.Headers.TryGetValues("X-LlmOps-Prompt", out var prompt) ? int.Parse(prompt.Single()["edited@v".Length..], CultureInfo.InvariantCulture) : 0;
            var begins = said.Split(' ') is ["begin", var first, "edit", var edit, ..] ? $"{first} edit {edit}" : "nothing";
            answered.Add(new Answered(response.StatusCode, version, said.EndsWith($"end {begins}", StringComparison.Ordinal) && begins.StartsWith($"v{version} ", StringComparison.Ordinal), from, to));
        }
    }

    private async Task MoveTimedAsync(int version)
    {
        var from = TimeProvider.System.GetTimestamp();
        await Gateway.AdministerAsync("PUT", "/admin/prompts/edited/labels/production", $$"""{"version":"v{{version}}"}""");
        _moves.Enqueue(new Move(version, from, TimeProvider.System.GetTimestamp()));
    }

    // A version may be in force from the beginning of its move to the end of the next one.
    private bool WasInForce(Answered answered)
    {
        var moves = _moves.ToList();
        return moves.Where((move, index) =>
            move.Version == answered.Version && move.From <= answered.To && (index + 1 == moves.Count || moves[index + 1].To >= answered.From)).Any();
    }

    private sealed record Move(int Version, long From, long To);

    private sealed record Answered(HttpStatusCode Status, int Version, bool IsWhole, long From, long To);
}
