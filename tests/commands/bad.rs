//! Commands that must be refused, each with a part of what is said against it.

/// A command that nobody should be told to type, and what the checker says against it.
pub type Bad = (&'static str, &'static str);

/// What the grammar and the lists refuse.
pub const BAD: &[Bad] = &[
    ("write ##class(Security.Users).Exists(\"a)", "does not parse"),
    ("write ##class(Security.Users).Exists(\"a\"", "is missing"),
    ("write ##class(Security.Users).Exists(\"a\")\"", "does not parse"),
    ("write ##class(Security.Users).Exists(\"a\"b\")", "does not parse"),
    ("write ##class(Security.Users).Exists(\"a\") // b", "line_comment"),
    ("write ##class(Security.Users).Exists(\"a\")\nkill", "no single line"),
    ("write ##class(Security.Users).Exists(\"a\"_$zf(-1,\"rm\"))", "function $ZF"),
    ("write $zf(-1,\"rm\")", "function $ZF"),
    ("write $CLASSMETHOD(\"Security.Users\",\"Delete\")", "function $CLASSMETHOD"),
    ("write $SYSTEM.Security.Login(\"a\",\"b\")", "not on the list"),
    ("write $SYSTEM.Mirror", "does not parse"),
    ("write ##class(Security.Users).Create(\"a\")", "not on the list"),
    ("write ##class(Security.Users).Modify(\"a\",.p)", "not on the list"),
    ("write ##class(Security.Users).Delete(\"a\")", "not on the list"),
    ("write ##class(Security.Users).Import(\"a\",.n)", "not on the list"),
    ("write ##class(SYS.Database).DismountDatabase(\"/a/\")", "not on the list"),
    ("kill p do ##class(Security.Users).Get(\"a\",.p) zwrite p", "may hold secrets"),
    ("kill p do ##class(Security.Users).Get(\"a\",.p) zwrite", "every variable"),
    ("kill p do ##class(Security.Users).Get(\"a\",.p) write p", "name one"),
    ("kill p do ##class(Security.Users).Get(\"a\",.p) write p(\"Password\")", "is a secret"),
    ("kill p do ##class(Security.Users).Get(\"a\",.p) write p(\"Sal\"_\"t\")", "is a secret"),
    ("kill p do ##class(Security.Users).Get(\"a\",.p) write p(\"HOTPKey\")", "is a secret"),
    ("kill p do ##class(Security.Users).Get(\"a\",.p) write p(p)", "worked out"),
    ("kill p do ##class(Security.Users).Get(\"a\",.p) set q=p(\"Roles\")", "command_set"),
    ("kill p do ##class(Security.Users).Get(\"a\",.p) merge q=p zwrite q", "may not be in it"),
    ("kill p do ##class(Security.SSLConfigs).Get(\"a\",.p) zwrite p", "would be printed"),
    (
        "kill p do ##class(Security.SSLConfigs).Get(\"a\",.p) zwrite p kill p(\"PrivateKeyPassword\")",
        "would be printed",
    ),
    (
        "kill p kill p(\"PrivateKeyPassword\") do ##class(Security.SSLConfigs).Get(\"a\",.p) zwrite p",
        "would be printed",
    ),
    ("do ##class(Security.Roles).Get(\"a\",.p) zwrite p", "kill it first"),
    ("kill p zwrite p", "nothing has set p"),
    ("write p(\"Roles\")", "nothing has set p"),
    ("kill p do ##class(Security.Roles).Get(\"a\",.q) write p(\"Resources\")", "nothing has set p"),
    ("kill", "every variable"),
    ("kill ^X", "gvn"),
    ("set ^X=1", "command_set"),
    ("zwrite ^X", "gvn"),
    ("do ^SECURITY", "may not be in it"),
    ("xecute \"kill\"", "command_xecute"),
    ("job ^X", "command_job"),
    ("write @\"x\"", "indirection"),
    ("&sql(delete from a)", "embedded_sql"),
    ("write x.Delete()", "oref"),
    ("zn \"USER\"", "no way into a namespace"),
    ("zn \"HSSYS\" write ##class(Security.Users).Exists(\"a\")", "is in %SYS"),
    ("do ##class(HS.Util.Mirror.Task).Schedule(\"HSSYS\")", "is in HSSYS"),
];

/// What the signatures refuse.
pub const BAD_CALLS: &[Bad] = &[
    ("write ##class(Security.Nobody).Exists(\"a\")", "no class"),
    ("write ##class(security.users).Exists(\"a\")", "no class"),
    ("write ##class(Security.SSLConfigs).InUse(\"a\")", "has no method"),
    ("write ##class(Security.Resources).ExportAll(\"a\",.n)", "has no method"),
    ("write $SYSTEM.Mirror.GetVersion()", "has no method"),
    ("write ##class(SYS.Database).GetStatus()", "instance method"),
    ("do ##class(Security.Roles).InUse(\"a\",.used)", "internal"),
    ("write ##class(%SYS.Namespace).Exists(\"a\",1)", "takes 1 arguments, not 2"),
    ("write $SYSTEM.Mirror.GetMemberType(\"a\")", "takes 0 arguments, not 1"),
    ("write ##class(Security.Users).Exists()", "is required"),
    ("do ##class(Config.MapGlobals).Get(\"a\",,.p)", "is required"),
    ("do ##class(Config.MapGlobals).Get(\"a\",.p)", "does not come back"),
    ("do ##class(Security.Roles).Get(\"a\",\"p\")", "wants a dot"),
    ("zn \"HSSYS\" do ##class(HS.Util.Mirror.Task).Schedule(\"a\",\"b\")", "takes 1 values"),
    ("kill p do ##class(Security.Roles).Get(\"a\",.p) write p(\"Rolez\")", "has no property"),
];

/// What is no line for a shell.
pub const BAD_HERE: &[Bad] = &[
    ("hsmirror compare PRIMARY", "required"),
    ("hsmirror contrast PRIMARY MEMBER", "unrecognized"),
    ("hsmirror compare PRIMARY MEMBER --write-waiver", "unexpected"),
    ("hsmirror compare 'PRIMARY MEMBER", "not closed"),
    ("hsmirror compare PRIMARY MEMBER; rm x", "something else"),
    ("hsmirror compare \"$(rm x)\" MEMBER", "something else"),
    ("rm x", "neither"),
    ("date", "neither"),
];
