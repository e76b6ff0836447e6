using System.Globalization;
using System.Text.Json;
using LlmOps.Gateway.Guardrails.Injection;

namespace LlmOps.Benchmarks.Guardrails;

/// <summary>How the detector judges labelled texts.</summary>
internal sealed class InjectionScore(string attacks, string benign)
{
    private const double LeastPrecision = 0.99;
    private const double LeastRecall = 0.85;

    private readonly InjectionDetector _detector = new();

    /// <summary>Scores, and prints; true where precision and recall suffice.</summary>
    public bool Run()
    {
        var judged = Read(attacks, isAttack: true).Concat(Read(benign, isAttack: false)).Select(text => (Text: text, Verdict: _detector.Score(text.Words))).ToList();
        foreach (var (text, verdict) in judged.Where(each => each.Verdict.IsAttack != each.Text.IsAttack))
        {
            var rules = string.Join(", ", verdict.Rules);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(text.IsAttack ? "MISSED" : "FALSE ALARM")} ({text.Kind}, {text.Language}, {text.Split}; {verdict.Score:0.00} {rules})\n  {text.Words.ReplaceLineEndings("⏎")}"));
        }

        Console.WriteLine();
        PrintRules(judged);
        Console.WriteLine();
        foreach (var kind in judged.GroupBy(each => (each.Text.IsAttack, each.Text.Kind)).OrderByDescending(kind => kind.Key.IsAttack).ThenBy(kind => kind.Key.Kind, StringComparer.Ordinal))
        {
            Console.WriteLine($"{(kind.Key.IsAttack ? "attacks" : "benign"),-8} {kind.Key.Kind,-14} {kind.Count(each => each.Verdict.IsAttack == each.Text.IsAttack),4} of {kind.Count(),4} right");
        }

        Console.WriteLine();
        foreach (var split in judged.GroupBy(each => each.Text.Split))
        {
            Print(split.Key, [.. split]);
        }

        var isEnough = Print("all", judged);
        PromptTime.Print(_detector);
        return isEnough;
    }

    private static void PrintRules(List<(LabelledText Text, InjectionVerdict Verdict)> judged)
    {
        Console.WriteLine("rule                        attacks  benign  precision  recall   (texts it fired on, whatever the verdict)");
        var all = judged.Count(each => each.Text.IsAttack);
        foreach (var rule in judged.SelectMany(each => each.Verdict.Rules.Select(rule => (Rule: rule, each.Text.IsAttack))).GroupBy(fired => fired.Rule).OrderBy(rule => rule.Key, StringComparer.Ordinal))
        {
            var (right, wrong) = (rule.Count(fired => fired.IsAttack), rule.Count(fired => !fired.IsAttack));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rule.Key,-26} {right,8} {wrong,7} {right / (double)(right + wrong),10:0.000} {right / (double)Math.Max(all, 1),7:0.000}"));
        }
    }

    private static bool Print(string name, List<(LabelledText Text, InjectionVerdict Verdict)> judged)
    {
        var caught = judged.Count(each => each.Text.IsAttack && each.Verdict.IsAttack);
        var wrong = judged.Count(each => !each.Text.IsAttack && each.Verdict.IsAttack);
        var all = judged.Count(each => each.Text.IsAttack);
        var (precision, recall) = (caught + wrong == 0 ? 1 : caught / (double)(caught + wrong), all == 0 ? 1 : caught / (double)all);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-9} {all} attacks, {judged.Count - all} benign: precision {precision:0.0000} ({wrong} false alarms), recall {recall:0.0000} ({all - caught} missed)"));
        return precision >= LeastPrecision && recall >= LeastRecall;
    }

    private static IEnumerable<LabelledText> Read(string file, bool isAttack)
    {
        foreach (var line in File.ReadLines(file).Where(line => line.Trim().Length > 0))
        {
            var text = JsonElement.Parse(line);
            yield return new LabelledText(text.GetProperty("text").GetString()!, Optional(text, "kind"), Optional(text, "lang"), Optional(text, "split"), isAttack);
        }
    }

    private static string Optional(JsonElement text, string name) => text.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    private sealed record LabelledText(string Words, string Kind, string Language, string Split, bool IsAttack);
}
