namespace LlmOps.Evaluator.Reports;

/// <summary>A form of the report.</summary>
internal enum ReportFormat
{
    /// <summary>Everything, to be read by programs; what all other reports are made from.</summary>
    Json,

    /// <summary>Everything, to be read by people: a page that needs nothing but itself.</summary>
    Html,

    /// <summary>An answer a row, for spreadsheets and notebooks.</summary>
    Csv,

    /// <summary>JUnit's XML: verdicts and rules as a CI server shows tests.</summary>
    JUnit,

    /// <summary>What a pull request's reviewer needs, as GitHub's Markdown.</summary>
    Markdown,
}
