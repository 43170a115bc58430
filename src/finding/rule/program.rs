//! The rules about what runs and answers: applications, tasks, services, TLS configurations.
//!
//! Owns the rows for the sections through which work reaches an instance or starts by itself. Facts
//! about IRIS are named by the section of the handbook.
//! Invariant: sorted by id; no command creates a task or opens an application.

use super::{both, member, primary, rules, there};

rules! { RULES:
    "application-different" Applications Medium passes, "An application is not the same",
        looks at "every setting of applications that both sides have, except folders.",
        impact "After a failover {name} behaves in another way or lets others in than before.",
        advice "Decide which side is right, then set it on the other: System Administration > Security > Applications > Web Applications > {name}.",
        type both("kill p do ##class(Security.Applications).Get({name!},.p) zwrite p"),
        from "H1.4, H4.5";
    "application-extra" Applications Medium passes, "Only the member has the application",
        looks at "applications that the member has and the primary lacks.",
        impact "After a failover there is an application {name} that is not there today.",
        advice "Delete it on the member if nobody needs it: System Administration > Security > Applications > Web Applications.",
        type member("kill p do ##class(Security.Applications).Get({name!},.p) zwrite p"),
        from "H4.5";
    "application-extra-open" Applications High passes, "Only the member has the application, and it is open",
        looks at "applications that only the member has and that let anybody in without a login, or give %All to everybody.",
        impact "After a failover {name} answers to anybody, which it does not today.",
        advice "Delete it on the member, or close it: System Administration > Security > Applications > Web Applications > {name} > Allowed Authentication Methods.",
        type member("kill p do ##class(Security.Applications).Get({name!},.p) write p(\"AutheEnabled\"),\" \",p(\"MatchRoles\")"),
        from "H4.5, H4.6";
    "application-grants-all" Applications High passes, "An application grants %All on one side only",
        looks at "the application roles of applications that both sides have: %All on one of them.",
        impact "On one side whoever reaches {name} may do everything, on the other not.",
        advice "Take %All out of its roles unless the vendor asks for it: System Administration > Security > Applications > Web Applications > {name} > Application Roles.",
        type both("kill p do ##class(Security.Applications).Get({name!},.p) write p(\"MatchRoles\")"),
        from "H4.5";
    "application-missing" Applications High passes, "An application is missing on the member",
        looks at "applications that the primary has and the member lacks.",
        impact "After a failover requests to {name} fail.",
        advice "System Administration > Security > Applications > Web Applications > Create New Web Application; or export it on the primary (the file lies in mgr), carry it over, let the first import only count, then import it. Then correct its folder.",
        type primary("write ##class(Security.Applications).Export(\"ApplicationsExport.xml\",.n,{name!})"),
        type member("write ##class(Security.Applications).Import(\"ApplicationsExport.xml\",.n,1)"),
        type member("write ##class(Security.Applications).Import(\"ApplicationsExport.xml\",.n)"),
        from "H1.4, H4.5";
    "application-namespace-absent" Applications High passes, "An application runs in a namespace that is not there",
        looks at "the namespaces that applications name, on each side by itself.",
        impact "Requests to {name} fail on {side}.",
        advice "Make namespace {target} first; or set another one: System Administration > Security > Applications > Web Applications > {name}.",
        type there("write ##class(%SYS.Namespace).Exists({target!})"),
        from "H4.5";
    "application-open" Applications High passes, "An application lets anybody in on one side only",
        looks at "the ways to log in of applications that both sides have: unauthenticated on one of them.",
        impact "On one side {name} answers without a login, on the other not.",
        advice "Decide which side is right; unless it is meant for the public, take Unauthenticated out: System Administration > Security > Applications > Web Applications > {name} > Allowed Authentication Methods.",
        type both("kill p do ##class(Security.Applications).Get({name!},.p) write p(\"AutheEnabled\")"),
        from "H4.5, H4.6";
    "application-resource-absent" Applications High passes, "An application is guarded by a resource that is not there",
        looks at "the resources that applications name, on each side by itself.",
        impact "Nobody but %All gets into {name} on {side}.",
        advice "Create resource {target} first: System Administration > Security > Resources.",
        type there("write ##class(Security.Resources).Exists({target!})"),
        from "H4.4, H4.5";
    "application-role-absent" Applications Medium passes, "An application gives a role that is not there",
        looks at "the matching and target roles of applications, on each side by itself.",
        impact "Whoever uses {name} on {side} lacks what role {target} would give.",
        advice "Create role {target} first, or take it out: System Administration > Security > Applications > Web Applications > {name} > Application Roles.",
        type there("write ##class(Security.Roles).Exists({target!})"),
        from "H4.5";
    "mirror-monitor-confined" Tasks Medium passes, "The Mirror Monitor task does not run on every member",
        looks at "on which members the task Mirror Monitor Launch Task runs.",
        impact "On {side} the agent that carries changes of the healthcare applications does not run in every role.",
        advice "System Operation > Task Manager > View Task Schedule > {name} > Edit: how task should run for mirror: any mirror member.",
        from "H1.2";
    "mirror-monitor-missing" Tasks High passes, "The Mirror Monitor task is missing",
        looks at "the task Mirror Monitor Launch Task in HSSYS, on a side that has HSLIB and HSSYS.",
        impact "Changes that the healthcare applications make are not carried to or from {side}.",
        advice "Schedule the agent there in a terminal session; it must then stand in the list of tasks, every 5 minutes.",
        type there("zn \"HSSYS\" do ##class(HS.Util.Mirror.Task).Schedule(\"HSSYS\") zn \"%SYS\""),
        from "H1.2";
    "mirror-monitor-suspended" Tasks High passes, "The Mirror Monitor task is suspended",
        looks at "whether the task Mirror Monitor Launch Task is suspended.",
        impact "Changes that the healthcare applications make are not carried to or from {side}.",
        advice "Look at its history for the error, put that right, then resume it: System Operation > Task Manager > View Task Schedule > {name}.",
        from "H1.2, H9";
    "service-different" Services Medium passes, "A service lets in others",
        looks at "whether services are enabled and the ways to log in that they allow.",
        impact "After a failover service {name} lets in others, or nobody.",
        advice "Decide which side is right, then set it on the other: System Administration > Security > Services > {name}.",
        type both("kill p do ##class(Security.Services).Get({name!},.p) zwrite p"),
        from "H4.6";
    "service-extra" Services Low passes, "Only the member has the service",
        looks at "services that the member has and the primary lacks.",
        impact "The member has service {name}, which the primary does not have.",
        advice "Compare product version and operating system of the members; services cannot be deleted.",
        type both("write $SYSTEM.Version.GetVersion()"),
        from "H4.6";
    "service-missing" Services Low passes, "A service is missing on the member",
        looks at "services that the primary has and the member lacks.",
        impact "After a failover service {name} is not there; some exist on one operating system only.",
        advice "Compare product version and operating system of the members; services cannot be created.",
        type both("write $SYSTEM.Version.GetVersion()"),
        from "H4.6";
    "service-open" Services High passes, "A service lets anybody in on one side only",
        looks at "the ways to log in of services that both sides have: unauthenticated on one of them.",
        impact "On one side service {name} lets anybody in without a login, on the other not.",
        advice "Decide which side is right; unless it is meant, take Unauthenticated out: System Administration > Security > Services > {name}.",
        type both("kill p do ##class(Security.Services).Get({name!},.p) write p(\"AutheEnabled\")"),
        from "H4.6";
    "task-different" Tasks Medium passes, "A task is not the same",
        looks at "schedule, user, mirror setting and settings of tasks that both sides have.",
        impact "After a failover task {name} runs in another way, at other times or not at all.",
        advice "System Operation > Task Manager > View Task Schedule > {name} > Edit: set what the primary has.",
        from "H5.2";
    "task-extra" Tasks Low passes, "Only the member has the task",
        looks at "tasks that the member has and the primary lacks.",
        impact "After a failover there is a task {name} that is not there today on the primary.",
        advice "Look what it is for, then suspend or delete it on the member: System Operation > Task Manager.",
        from "H5.2";
    "task-missing" Tasks High passes, "A task is missing on the member",
        looks at "tasks that the primary has and the member lacks.",
        impact "After a failover there is no task {name}.",
        advice "Export it on the primary (`##class(%SYS.Task).ExportTasks`, as the README has it), carry it over and import it: System Operation > Task Manager > Import Tasks, same product version; or Task Manager > New Task. Never import a system task, which becomes a second one; if one is missing, compare the versions.",
        from "H5.2, H5.3, H5.4";
    "task-namespace-absent" Tasks High passes, "A task runs in a namespace that is not there",
        looks at "the namespaces that tasks name, on each side by itself.",
        impact "Task {name} cannot run on {side}.",
        advice "Make namespace {target} first, or delete the task: System Operation > Task Manager > View Task Schedule > {name}.",
        type there("write ##class(%SYS.Namespace).Exists({target!})"),
        from "H5.2";
    "task-predecessor-absent" Tasks High passes, "A task waits for one that is not there",
        looks at "tasks that run after another one, on a side whose tasks are all known.",
        impact "Task {name} never starts on {side}, since what it runs after is not there.",
        advice "Make the other task first, then choose it: System Operation > Task Manager > View Task Schedule > {name} > Edit.",
        from "H5.2";
    "task-predecessor-suspended" Tasks Medium passes, "A task waits for one that is suspended",
        looks at "tasks that run after another one which is suspended.",
        impact "Task {name} does not start on {side} as long as {target} is suspended.",
        advice "Look why {target} is suspended, then resume it: System Operation > Task Manager > View Task Schedule.",
        from "H5.2";
    "task-runs-nowhere" Tasks High passes, "A task runs on neither member",
        looks at "on which mirror members a task that both sides have runs, now and after a failover.",
        impact "With these settings there is a time when neither member runs task {name}: now, or once the other one is the primary.",
        advice "Decide where it is to run and set it the same on both: System Operation > Task Manager > View Task Schedule > {name} > Edit: how task should run for mirror.",
        from "H5.2, formats 4";
    "task-twice" Tasks Low passes, "Two tasks have one name",
        looks at "tasks of one name in one namespace, on each side by itself.",
        impact "On {side} nobody can tell the tasks called {name} apart in the schedule.",
        advice "Look at both, then rename or delete one: System Operation > Task Manager > View Task Schedule.",
        from "H5.2, formats 4";
    "task-user-absent" Tasks High passes, "A task runs as a user who is not there",
        looks at "the users that tasks run as, on each side by itself.",
        impact "Task {name} cannot run on {side}, since there is no user {target}.",
        advice "Create the user first, or set another one; a user of LDAP or a delegated login is made by logging in, and a service account is better: System Operation > Task Manager > View Task Schedule > {name} > Edit.",
        type there("write ##class(Security.Users).Exists({target!})"),
        from "H5.2";
    "task-user-disabled" Tasks High passes, "A task runs as a user who is disabled",
        looks at "whether the users that tasks run as can log in; the product's own tasks do not count.",
        impact "Task {name} gets suspended on {side}, since user {target} is disabled.",
        advice "Enable the user, or set another one: System Operation > Task Manager > View Task Schedule > {name} > Edit.",
        type there("kill p do ##class(Security.Users).Get({target!},.p) write p(\"Enabled\")"),
        from "H5.2";
    "tls-different" Tls Medium passes, "A TLS configuration is not the same",
        looks at "versions, ciphers, verification and kind of TLS configurations that both sides have; never keys or folders.",
        impact "After a failover connections that use TLS configuration {name} may be refused, or accepted without a check that was meant.",
        advice "System Administration > Security > SSL/TLS Configurations > {name}: set what the primary has.",
        type both("kill p do ##class(Security.SSLConfigs).Get({name!},.p) kill p(\"PrivateKeyPassword\") zwrite p"),
        from "H4.6";
    "tls-extra" Tls Low passes, "Only the member has the TLS configuration",
        looks at "TLS configurations that the member has and the primary lacks.",
        impact "Nothing is lost; the member has a TLS configuration that the primary does not know.",
        advice "Delete it on the member if nothing uses it: System Administration > Security > SSL/TLS Configurations.",
        type member("write ##class(Security.SSLConfigs).Exists({name!})"),
        from "H4.6";
    "tls-missing" Tls High passes, "A TLS configuration is missing on the member",
        looks at "TLS configurations that the primary has and the member lacks.",
        impact "After a failover connections that use TLS configuration {name} fail.",
        advice "System Administration > Security > SSL/TLS Configurations > Create New Configuration; certificate and key are the member's own.",
        type member("write ##class(Security.SSLConfigs).Exists({name!})"),
        from "H4.6, H9";
}
