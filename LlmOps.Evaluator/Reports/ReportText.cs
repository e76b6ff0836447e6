using System.Text;

namespace LlmOps.Evaluator.Reports;

/// <summary>How texts become bytes.</summary>
internal static class ReportText
{
    /// <summary>UTF-8 without a mark before it. A half of a pair, which a model's cut answer may end in, is replaced, where a writer's default fails.</summary>
    public static Encoding Encoding { get; } = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
}
