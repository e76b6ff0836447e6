using System.Globalization;
using System.Text;
using LlmOps.Gateway.Prompts.Evaluations;
using LlmOps.Tests.Accounting.Ledger;
using LlmOps.Tests.Storage;

namespace LlmOps.Tests.Prompts.Evaluations;

/// <summary>What is kept of evaluations, in which order, and how many.</summary>
public sealed class EvaluationTableTests(PostgresFixture postgres) : LedgerTests(postgres)
{
    private static readonly DateTimeOffset At = new(2026, 3, 14, 15, 0, 0, TimeSpan.Zero);

    [Theory, OnSqlite, OnPostgres]
    public async Task Evaluation_IsKeptAsItCame(string name)
    {
        await UseAsync(name);
        var table = new EvaluationTable(Database);
        var json = Encoding.UTF8.GetBytes("""{"id": "…", "größe":1.50}""");
        var row = Row(1) with { Variants = """["v2","v3"]""" };

        var (stored, isNew) = await table.AddAsync(row, json, 10, default);
        var found = await table.FindAsync(Guid.Parse(row.Id), default);

        isNew.ShouldBeTrue();
        stored.Row.ShouldBe(row);
        found!.Row.ShouldBe(row);
        found.Json.ToArray().ShouldBe(json);
        (await table.FindAsync(Guid.NewGuid(), default)).ShouldBeNull();
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task SameAgain_ReplacesNothing(string name)
    {
        await UseAsync(name);
        var table = new EvaluationTable(Database);
        await table.AddAsync(Row(1), "{\"first\":1}"u8.ToArray(), 10, default);

        var (stored, isNew) = await table.AddAsync(Row(1) with { Prompt = "other", Actor = "somebody" }, "{\"second\":2}"u8.ToArray(), 10, default);

        isNew.ShouldBeFalse();
        (stored.Row.Prompt, stored.Row.Actor, Encoding.UTF8.GetString(stored.Json.Span)).ShouldBe(("summarizer", "ci", "{\"first\":1}"));
        (await NumbersAsync(table, new())).ShouldBe("1");
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Filter_FindsThoseThatFitNewestFirst(string name)
    {
        await UseAsync(name);
        var table = await FilledAsync(Row(1), Row(3) with { Status = "regression" }, Row(2) with { Prompt = "translator" }, Row(4) with { Prompt = "translator", Status = "incomplete" });

        (await NumbersAsync(table, new())).ShouldBe("4 3 2 1");
        (await NumbersAsync(table, new() { Prompt = "translator" })).ShouldBe("4 2");
        (await NumbersAsync(table, new() { Status = "regression" })).ShouldBe("3");
        (await NumbersAsync(table, new() { Since = At.AddMinutes(3) })).ShouldBe("4 3");
        (await NumbersAsync(table, new() { Prompt = "translator", Status = "passed", Since = At.AddMinutes(2) })).ShouldBe("2");
        (await NumbersAsync(table, new() { Prompt = "nobody" })).ShouldBe("");
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Pages_HaveNoGapsAndNoRepeatsWhileEvaluationsAreAdded(string name)
    {
        await UseAsync(name);

        // Three begin at the same time.
        var table = await FilledAsync([.. Enumerable.Range(1, 10).Select(number => Row(number) with { StartedAt = At.AddMinutes(number / 3).ToUnixTimeMilliseconds() })]);
        List<string> seen = [];
        var filter = new EvaluationFilter { Limit = 4 };
        do
        {
            var page = await table.ListAsync(filter, default);
            seen.AddRange(page.Evaluations.Select(row => row.Id));
            filter = filter with { After = page.Next is { } next ? EvaluationPlace.Parse(next.ToString()) : null };
            await table.AddAsync(Row(100 + seen.Count), "{}"u8.ToArray(), 1000, default);
        }
        while (filter.After is not null);

        seen.ShouldBe(Enumerable.Range(1, 10).Select(number => Row(number).Id).Reverse());
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task PageThatIsExactlyFull_IsTheLastOne(string name)
    {
        await UseAsync(name);
        var table = await FilledAsync(Row(1), Row(2));

        var page = await table.ListAsync(new EvaluationFilter { Limit = 2 }, default);

        page.Evaluations.Count.ShouldBe(2);
        page.Next.ShouldBeNull();
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task TooMany_TakeTheOldestAway(string name)
    {
        await UseAsync(name);
        var table = new EvaluationTable(Database);
        foreach (var number in new[] { 5, 1, 4, 2, 3 })
        {
            await table.AddAsync(Row(number), "{}"u8.ToArray(), 3, default);
        }

        (await NumbersAsync(table, new())).ShouldBe("5 4 3");
        await table.AddAsync(Row(6), "{}"u8.ToArray(), 1, default);
        (await NumbersAsync(table, new())).ShouldBe("6");
    }

    [Theory]
    [InlineData("")]
    [InlineData("12")]
    [InlineData("12_x")]
    [InlineData("x_0199f3a2-7c51-7d10-9b7e-2f0c1d5e6a70")]
    [InlineData("-1_0199f3a2-7c51-7d10-9b7e-2f0c1d5e6a70")]
    public void WhatIsNoPlace_IsNone(string text) => EvaluationPlace.Parse(text).ShouldBeNull();

    // Its number is in the id, and in the minute of its begin.
    private static EvaluationRow Row(int number) => new()
    {
        Id = string.Create(CultureInfo.InvariantCulture, $"00000000-0000-4000-8000-{number:000000000000}"),
        StartedAt = At.AddMinutes(number).ToUnixTimeMilliseconds(),
        EndedAt = At.AddMinutes(number + 1).ToUnixTimeMilliseconds(),
        Prompt = "summarizer",
        Baseline = "v1",
        Variants = """["v2"]""",
        Status = "passed",
        Cases = 40,
        Actor = "ci",
        ReceivedAt = At.AddDays(1).ToUnixTimeMilliseconds(),
    };

    private async Task<EvaluationTable> FilledAsync(params EvaluationRow[] rows)
    {
        var table = new EvaluationTable(Database);
        foreach (var row in rows)
        {
            await table.AddAsync(row, "{}"u8.ToArray(), 1000, default);
        }

        return table;
    }

    private static async Task<string> NumbersAsync(EvaluationTable table, EvaluationFilter filter) =>
        string.Join(' ', (await table.ListAsync(filter, default)).Evaluations.Select(row => int.Parse(row.Id[^12..], CultureInfo.InvariantCulture)));
}
