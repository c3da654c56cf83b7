//! The types of import: the columns of a firm's export, the Plannr field each maps to, the rules that rows break.

use super::rules::Rule;

/// A type of import.
pub(super) struct Kind {
    /// The API's name for it.
    pub(super) name: &'static str,
    /// What `errors[]` calls the row.
    pub(super) row_key: &'static str,
    pub(super) columns: &'static [Column],
    pub(super) flaws: &'static [Flaw],
}

/// A column of the file.
pub(super) struct Column {
    /// The Plannr field it maps to; empty where it maps to nothing.
    pub(super) field: &'static str,
    /// The header as a person would write it, and as another system's export has it (empty: not in that one).
    pub(super) headers: [&'static str; 2],
    pub(super) cell: Cell,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    Title,
    First,
    Last,
    FullName,
    Household,
    Email,
    StaffEmail,
    Mobile,
    Landline,
    Ni,
    Address,
    Town,
    Postcode,
    /// A date of birth.
    Born,
    /// A date in the last few years.
    Past,
    /// A date to come.
    Future,
    Amount,
    Salary,
    Percent,
    Units,
    Whole,
    YesNo,
    ClientRef,
    PolicyNumber,
    SchemeRef,
    Isin,
    Provider,
    Text,
    Note,
    /// One of these.
    OneOf(&'static [&'static str]),
}

/// A rule that rows of a type break, and how often in comparison.
pub(super) struct Flaw {
    pub(super) field: &'static str,
    pub(super) rule: Rule,
    pub(super) weight: u32,
}

const fn col(field: &'static str, written: &'static str, exported: &'static str, cell: Cell) -> Column {
    Column { field, headers: [written, exported], cell }
}

const fn flaw(field: &'static str, rule: Rule, weight: u32) -> Flaw {
    Flaw { field, rule, weight }
}

const FREQUENCIES: Cell = Cell::OneOf(&["monthly", "quarterly", "annually", "single"]);
const RELATIONSHIPS: Cell = Cell::OneOf(&["spouse", "partner", "child", "parent", "sibling", "grandchild"]);
const PLAN_TYPES: Cell = Cell::OneOf(&[
    "Personal Pension",
    "SIPP",
    "Stocks & Shares ISA",
    "General Investment Account",
    "Investment Bond",
    "Term Assurance",
    "Whole of Life",
    "Income Protection",
    "Annuity",
]);

const CLIENT: Column = col("client_reference", "Client Ref", "client_ref", Cell::ClientRef);
const POLICY: Column = col("policy_number", "Policy No.", "policy_no", Cell::PolicyNumber);
const UNKNOWN_CLIENT: Flaw = flaw("client_reference", Rule::Exists, 5);

/// Every type. The first 14 are the documented ones.
pub(super) static KINDS: [Kind; 16] = [
    Kind {
        name: "business_staff_members",
        row_key: "client",
        columns: &[
            col("first_name", "Forename", "fname", Cell::First),
            col("last_name", "Surname", "lname", Cell::Last),
            col("email", "Work Email", "email", Cell::Email),
            col(
                "job_title",
                "Job Title",
                "job_title",
                Cell::OneOf(&["Director", "Payroll Clerk", "Fitter", "Buyer"]),
            ),
            col("role", "Role", "role", Cell::OneOf(&["director", "employee", "contractor"])),
            col("start_date", "Joined", "start_date", Cell::Past),
            col("mobile", "Mobile", "mobile", Cell::Mobile),
            col("", "Payroll No", "legacy_id", Cell::Whole),
        ],
        flaws: &[
            flaw("email", Rule::Unique, 8),
            flaw("role", Rule::In, 4),
            flaw("start_date", Rule::DateFormat, 5),
            flaw("email", Rule::Required, 3),
        ],
    },
    Kind {
        name: "charges",
        row_key: "client",
        columns: &[
            POLICY,
            col(
                "charge_type",
                "Charge Type",
                "chg_type",
                Cell::OneOf(&["initial", "ongoing", "ad_hoc", "platform"]),
            ),
            col("amount", "Amount", "amount", Cell::Amount),
            col("percentage", "%", "pct", Cell::Percent),
            col("frequency", "Frequency", "freq", FREQUENCIES),
            col("start_date", "From", "start_date", Cell::Past),
            col("", "VAT?", "vat", Cell::YesNo),
        ],
        flaws: &[
            flaw("amount", Rule::Numeric, 7),
            flaw("percentage", Rule::Between(0, 100), 3),
            flaw("charge_type", Rule::In, 3),
            flaw("policy_number", Rule::Exists, 5),
            flaw("frequency", Rule::Required, 2),
        ],
    },
    Kind {
        name: "circles",
        row_key: "client",
        columns: &[
            col("name", "Household", "circle_name", Cell::Household),
            col("type", "Type", "circle_type", Cell::OneOf(&["household", "family", "trust", "business"])),
            col("primary_member", "First Member Ref", "member_1", Cell::ClientRef),
            col("secondary_member", "Second Member Ref", "member_2", Cell::ClientRef),
            col("", "Old Circle ID", "legacy_id", Cell::Whole),
        ],
        flaws: &[
            flaw("name", Rule::Required, 3),
            flaw("name", Rule::Unique, 5),
            flaw("primary_member", Rule::Exists, 5),
            flaw("secondary_member", Rule::Exists, 4),
            flaw("type", Rule::In, 2),
        ],
    },
    Kind {
        name: "clients",
        row_key: "client",
        columns: &[
            col("title", "Title", "title", Cell::Title),
            col("first_name", "First Name", "fname", Cell::First),
            col("last_name", "Surname", "lname", Cell::Last),
            col("email", "Email Address", "email", Cell::Email),
            col("date_of_birth", "DOB", "dob", Cell::Born),
            col("national_insurance_number", "NI Number", "ni_no", Cell::Ni),
            col("mobile", "Mobile", "mobile", Cell::Mobile),
            col("phone", "Home Tel", "tel_home", Cell::Landline),
            col("address_line_1", "Address 1", "addr1", Cell::Address),
            col("town", "Town", "town", Cell::Town),
            col("postcode", "Postcode", "pcode", Cell::Postcode),
            col("assigned_adviser", "Adviser", "adviser_email", Cell::StaffEmail),
            col("send_welcome_email", "Send Welcome Email", "", Cell::YesNo),
            col("", "Nickname", "nickname", Cell::First),
        ],
        flaws: &[
            flaw("email", Rule::Unique, 10),
            flaw("date_of_birth", Rule::DateFormat, 8),
            flaw("send_welcome_email", Rule::Required, 6),
            flaw("email", Rule::Email, 4),
            flaw("last_name", Rule::Required, 2),
            flaw("national_insurance_number", Rule::Regex, 3),
            flaw("assigned_adviser", Rule::Exists, 3),
            flaw("postcode", Rule::Required, 2),
            flaw("title", Rule::In, 2),
        ],
    },
    Kind {
        name: "group_scheme_members",
        row_key: "client",
        columns: &[
            col("scheme_reference", "Scheme", "scheme_ref", Cell::SchemeRef),
            col("first_name", "First Name", "fname", Cell::First),
            col("last_name", "Last Name", "lname", Cell::Last),
            col("email", "Email", "email", Cell::Email),
            col("date_of_birth", "Date of Birth", "dob", Cell::Born),
            col("salary", "Salary", "salary", Cell::Salary),
            col("employee_contribution", "EE %", "ee_pct", Cell::Percent),
            col("employer_contribution", "ER %", "er_pct", Cell::Percent),
            col("joined_at", "Joined Scheme", "joined", Cell::Past),
            col("", "Department", "dept", Cell::OneOf(&["Stores", "Office", "Workshop", "Kitchen"])),
        ],
        flaws: &[
            flaw("scheme_reference", Rule::Exists, 3),
            flaw("salary", Rule::Numeric, 7),
            flaw("employee_contribution", Rule::Between(0, 100), 3),
            flaw("joined_at", Rule::DateFormat, 5),
            flaw("date_of_birth", Rule::Required, 3),
            flaw("email", Rule::Email, 2),
        ],
    },
    Kind {
        name: "incomes",
        row_key: "client",
        columns: &[
            CLIENT,
            col(
                "type",
                "Income Type",
                "inc_type",
                Cell::OneOf(&["employment", "pension", "rental", "dividend"]),
            ),
            col("amount", "Gross p.a.", "gross", Cell::Salary),
            col("frequency", "Paid", "freq", FREQUENCIES),
            col("start_date", "Start", "start_date", Cell::Past),
            col("end_date", "End", "end_date", Cell::Future),
            col("", "Notes", "notes", Cell::Text),
        ],
        flaws: &[
            UNKNOWN_CLIENT,
            flaw("amount", Rule::Numeric, 7),
            flaw("type", Rule::In, 3),
            flaw("end_date", Rule::After("start_date"), 3),
            flaw("frequency", Rule::Required, 3),
        ],
    },
    Kind {
        name: "notes",
        row_key: "note",
        columns: &[
            CLIENT,
            col("subject", "Subject", "subj", Cell::Text),
            col("body", "Note", "body", Cell::Note),
            col("category", "Category", "cat", Cell::OneOf(&["call", "meeting", "email", "file_note"])),
            col("created_on", "Date", "dt_created", Cell::Past),
            col("author", "Author", "author_email", Cell::StaffEmail),
        ],
        flaws: &[
            UNKNOWN_CLIENT,
            flaw("subject", Rule::Max(255), 4),
            flaw("created_on", Rule::DateFormat, 5),
            flaw("category", Rule::In, 3),
            flaw("author", Rule::Exists, 4),
            flaw("body", Rule::Required, 2),
        ],
    },
    Kind {
        name: "plans",
        row_key: "plan",
        columns: &[
            CLIENT,
            col("provider", "Provider", "provider_name", Cell::Provider),
            col("plan_type", "Plan Type", "plan_type", PLAN_TYPES),
            POLICY,
            col("start_date", "Start Date", "start_dt", Cell::Past),
            col(
                "status",
                "Status",
                "status",
                Cell::OneOf(&["in_force", "proposed", "paid_up", "surrendered"]),
            ),
            col("premium", "Premium", "prem", Cell::Amount),
            col("sum_assured", "Sum Assured", "sum_assured", Cell::Whole),
            col("", "Agency Code", "agency", Cell::Whole),
        ],
        flaws: &[
            flaw("plan_type", Rule::In, 9),
            flaw("provider", Rule::Exists, 5),
            flaw("policy_number", Rule::Unique, 5),
            flaw("start_date", Rule::DateFormat, 5),
            flaw("premium", Rule::Numeric, 4),
            UNKNOWN_CLIENT,
            flaw("status", Rule::Required, 2),
        ],
    },
    Kind {
        name: "premiums",
        row_key: "client",
        columns: &[
            POLICY,
            col("amount", "Premium", "prem_amt", Cell::Amount),
            col("frequency", "Frequency", "freq", FREQUENCIES),
            col("type", "Type", "prem_type", Cell::OneOf(&["regular", "single", "transfer"])),
            col("paid_on", "First Paid", "paid_dt", Cell::Past),
            col("indexation", "Index %", "index_pct", Cell::Percent),
        ],
        flaws: &[
            flaw("policy_number", Rule::Exists, 6),
            flaw("amount", Rule::Numeric, 6),
            flaw("frequency", Rule::In, 4),
            flaw("paid_on", Rule::DateFormat, 4),
        ],
    },
    Kind {
        name: "tasks",
        row_key: "task",
        columns: &[
            col("title", "Task", "task_title", Cell::Text),
            CLIENT,
            col("assignee", "Assigned To", "assignee_email", Cell::StaffEmail),
            col("due_date", "Due", "due_dt", Cell::Future),
            col("priority", "Priority", "prio", Cell::OneOf(&["low", "normal", "high"])),
            col("estimated_minutes", "Est. Mins", "est_mins", Cell::OneOf(&["15", "30", "45", "60", "90"])),
            col("", "Done?", "done_flag", Cell::YesNo),
        ],
        flaws: &[
            flaw("title", Rule::Required, 2),
            flaw("title", Rule::Max(191), 2),
            flaw("assignee", Rule::Exists, 6),
            flaw("due_date", Rule::DateFormat, 6),
            flaw("estimated_minutes", Rule::Integer, 2),
            flaw("priority", Rule::In, 3),
            UNKNOWN_CLIENT,
        ],
    },
    Kind {
        name: "valuations",
        row_key: "client",
        columns: &[
            POLICY,
            col("value", "Current Value", "curr_val", Cell::Salary),
            col("valued_on", "Valuation Date", "val_dt", Cell::Past),
            col("units", "Units", "units", Cell::Units),
            col("currency", "Ccy", "ccy", Cell::OneOf(&["GBP", "GBP", "GBP", "EUR", "USD"])),
            col("", "Fund Manager", "mgr", Cell::Provider),
        ],
        flaws: &[
            flaw("policy_number", Rule::Exists, 8),
            flaw("value", Rule::Numeric, 5),
            flaw("valued_on", Rule::DateFormat, 6),
            flaw("value", Rule::Required, 3),
            flaw("currency", Rule::In, 1),
        ],
    },
    Kind {
        name: "seccl_valuations",
        row_key: "client",
        columns: &[
            col("account_reference", "Seccl Account", "accountId", Cell::SchemeRef),
            col("isin", "ISIN", "isin", Cell::Isin),
            col("units", "Quantity", "quantity", Cell::Units),
            col("value", "Market Value", "currValue", Cell::Salary),
            col("valued_on", "As At", "valDate", Cell::Past),
        ],
        flaws: &[
            flaw("account_reference", Rule::Exists, 6),
            flaw("isin", Rule::Regex, 4),
            flaw("units", Rule::Numeric, 2),
            flaw("valued_on", Rule::DateFormat, 4),
        ],
    },
    Kind {
        name: "expenses",
        row_key: "client",
        columns: &[
            CLIENT,
            col(
                "type",
                "Expense",
                "exp_type",
                Cell::OneOf(&["mortgage", "utilities", "leisure", "school_fees"]),
            ),
            col("amount", "Monthly Cost", "amt", Cell::Amount),
            col("frequency", "Frequency", "freq", FREQUENCIES),
            col("is_essential", "Essential?", "essential", Cell::YesNo),
            col("", "Comment", "comment", Cell::Text),
        ],
        flaws: &[
            UNKNOWN_CLIENT,
            flaw("amount", Rule::Numeric, 7),
            flaw("type", Rule::In, 4),
            flaw("is_essential", Rule::Boolean, 4),
        ],
    },
    Kind {
        name: "provider_statement",
        row_key: "client",
        columns: &[
            col("provider", "Provider", "prov", Cell::Provider),
            POLICY,
            col("client_name", "Client", "client_nm", Cell::FullName),
            col("amount", "Commission", "comm_amt", Cell::Amount),
            col("type", "Type", "comm_type", Cell::OneOf(&["ongoing", "initial", "clawback"])),
            col("paid_on", "Paid Date", "paid_dt", Cell::Past),
            col("", "Statement Line", "line_no", Cell::Whole),
        ],
        flaws: &[
            flaw("policy_number", Rule::Exists, 9),
            flaw("amount", Rule::Numeric, 4),
            flaw("provider", Rule::Exists, 3),
            flaw("paid_on", Rule::DateFormat, 5),
            flaw("type", Rule::Required, 2),
        ],
    },
    Kind {
        name: "relationships",
        row_key: "client",
        columns: &[
            CLIENT,
            col("related_client_reference", "Related To", "rel_client_ref", Cell::ClientRef),
            col("relationship", "Relationship", "rel_type", RELATIONSHIPS),
            col("is_financially_linked", "Linked?", "linked", Cell::YesNo),
        ],
        flaws: &[
            UNKNOWN_CLIENT,
            flaw("related_client_reference", Rule::Exists, 6),
            flaw("relationship", Rule::In, 5),
            flaw("is_financially_linked", Rule::Boolean, 2),
        ],
    },
    Kind {
        name: "dependants",
        row_key: "client",
        columns: &[
            CLIENT,
            col("first_name", "Forename", "fname", Cell::First),
            col("last_name", "Surname", "lname", Cell::Last),
            col("date_of_birth", "DOB", "dob", Cell::Born),
            col("relationship", "Relationship", "rel_type", RELATIONSHIPS),
            col("is_dependent", "Financially Dependent", "fin_dep", Cell::YesNo),
            col("", "School", "school", Cell::Town),
        ],
        flaws: &[
            UNKNOWN_CLIENT,
            flaw("date_of_birth", Rule::DateFormat, 8),
            flaw("relationship", Rule::In, 4),
            flaw("is_dependent", Rule::Boolean, 3),
            flaw("first_name", Rule::Required, 2),
        ],
    },
];
