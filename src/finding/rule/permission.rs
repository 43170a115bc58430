//! The rules about who may do what: resources, roles, users.
//!
//! Owns the rows for what guards the rest, and for what each user may really do on either side. What
//! a command shows never holds a password, a hash or a key.
//! Invariant: sorted by id; no command carries a password, and none gives a right by itself.

use super::{both, member, primary, rules, there};

rules! { RULES:
    "access-gained" Users High passes, "A user may do more on the member",
        looks at "what each user that can log in on both sides may really do: own roles, the roles these grant, %All; what only a public permission changes is told with its resource.",
        impact "After a failover {name} may do what today nobody lets them do.",
        advice "What is not the same on both sides: {because}. Decide which side is right, then set it on the other.",
        type both("kill p do ##class(Security.Users).Get({name!},.p) write p(\"Roles\")"),
        type both("kill p do ##class(Security.Roles).Get({target!},.p) zwrite p"),
        from "H4.2, H4.3, H4.4";
    "access-lost" Users High passes, "A user may do less on the member",
        looks at "what each user that can log in on both sides may really do: own roles, the roles these grant, %All; what only a public permission changes is told with its resource.",
        impact "After a failover {name} cannot do what they do today.",
        advice "What is not the same on both sides: {because}. Decide which side is right, then set it on the other.",
        type both("kill p do ##class(Security.Users).Get({name!},.p) write p(\"Roles\")"),
        type both("kill p do ##class(Security.Roles).Get({target!},.p) zwrite p"),
        from "H4.2, H4.3, H4.4";
    "hs-services-disabled" Users High passes, "HS_Services cannot log in",
        looks at "the product's account HS_Services on a side that has HSLIB; it ships disabled.",
        impact "The healthcare product's own connections between members fail on {side}.",
        advice "Enable HS_Services with the same password on every member, then update the credential HS_Services in namespace HSSYS on the primary: System Administration > Security > Users.",
        type there("kill p do ##class(Security.Users).Get(\"HS_Services\",.p) write p(\"Enabled\")"),
        from "H1.2";
    "hssys-resource-missing" Resources High blocks, "The resource that guards HSSYS is missing on the member",
        looks at "resource %DB_HSSYS, where the primary has it.",
        impact "A database names its resource; without it the restored HSSYS does not mount for ordinary access.",
        advice "Make the resource on the member before HSSYS is brought over: System Administration > Security > Resources > Create New Resource; or export it on the primary (the file lies in mgr), carry it over, let the first import only count, then import it.",
        type primary("write ##class(Security.Resources).Export(\"HSSYSResource.xml\",.n,{name!})"),
        type member("write ##class(Security.Resources).Import(\"HSSYSResource.xml\",.n,1)"),
        type member("write ##class(Security.Resources).Import(\"HSSYSResource.xml\",.n)"),
        from "H4.4, H6.5";
    "initial-password" Users High passes, "An account has the password that the vendor documents",
        looks at "the hash of the product's own accounts in a user export, against the documented initial password.",
        impact "Whoever knows the vendor's documentation can log in as {name} on {side}.",
        advice "Change the password there: System Administration > Security > Users > {name}; that of CSPSystem in the Web Gateway in the same sitting, since the gateway logs in with it.",
        from "H4.2, formats 2.3, formats 3.3";
    "resource-different" Resources High passes, "A resource is open to others",
        looks at "public permission and description of resources that both sides have.",
        impact "After a failover everybody may do more or less with what {name} guards.",
        advice "Decide which side is right, then set it on the other: System Administration > Security > Resources > {name}.",
        type both("kill p do ##class(Security.Resources).Get({name!},.p) zwrite p"),
        from "H4.4";
    "resource-extra" Resources Low passes, "Only the member has the resource",
        looks at "resources that the member has and the primary lacks.",
        impact "Nothing is lost; the member guards something that the primary does not.",
        advice "Delete it on the member if nothing uses it: System Administration > Security > Resources.",
        type member("do ##class(Security.Resources).InUse({name!},.used,.roles,.databases,.applications) zwrite used,roles,databases,applications"),
        from "H4.4";
    "resource-missing" Resources High passes, "A resource is missing on the member",
        looks at "resources that the primary has and the member lacks.",
        impact "After a failover what resource {name} guards is closed to everybody but %All.",
        advice "System Administration > Security > Resources > Create New Resource; or export it on the primary (the file lies in mgr), carry it over, let the first import only count, then import it. Then compare the roles again: where a resource was deleted, roles lost it.",
        type primary("write ##class(Security.Resources).Export(\"ResourcesExport.xml\",.n,{name!})"),
        type member("write ##class(Security.Resources).Import(\"ResourcesExport.xml\",.n,1)"),
        type member("write ##class(Security.Resources).Import(\"ResourcesExport.xml\",.n)"),
        from "H1.4, H4.4";
    "role-circle" Roles Low passes, "Roles grant each other in a circle",
        looks at "the roles that roles grant, on each side by itself.",
        impact "On {side} whoever holds one role of the circle holds all of them; what they grant is counted once.",
        advice "Take one of the grants out: System Administration > Security > Roles > {name} > Assigned To.",
        type there("kill p do ##class(Security.Roles).Get({name!},.p) write p(\"GrantedRoles\")"),
        from "H4.3";
    "role-different" Roles High passes, "A role grants other rights",
        looks at "resources, granted roles and description of roles that both sides have.",
        impact "After a failover role {name} grants other rights than before.",
        advice "Decide which side is right, then set it on the other: System Administration > Security > Roles > {name}.",
        type both("kill p do ##class(Security.Roles).Get({name!},.p) zwrite p"),
        from "H1.4, H4.3";
    "role-extra" Roles Low passes, "Only the member has the role",
        looks at "roles that the member has and the primary lacks.",
        impact "After a failover there is a role {name} that is not there today; whoever holds it has what it grants.",
        advice "Delete it on the member if nobody needs it: System Administration > Security > Roles.",
        type member("kill p do ##class(Security.Roles).Get({name!},.p) zwrite p"),
        from "H4.3";
    "role-missing" Roles High passes, "A role is missing on the member",
        looks at "roles that the primary has and the member lacks; %All and %DB_ roles are made by the product.",
        impact "After a failover whoever holds role {name} lacks its rights.",
        advice "Its resources first. System Administration > Security > Roles > Create New Role; or export it on the primary (the file lies in mgr), carry it over, let the first import only count, then import it. Its SQL privileges are granted by hand.",
        type primary("write ##class(Security.Roles).Export(\"RolesExport.xml\",.n,{name!})"),
        type member("write ##class(Security.Roles).Import(\"RolesExport.xml\",.n,1)"),
        type member("write ##class(Security.Roles).Import(\"RolesExport.xml\",.n)"),
        from "H1.4, H4.3";
    "role-resource-absent" Roles Medium passes, "A role grants a resource that is not there",
        looks at "the resources that roles name, on each side by itself.",
        impact "Role {name} grants nothing on {target} on {side}, since there is no such resource.",
        advice "Create the resource first: System Administration > Security > Resources; then look whether the role still names it.",
        type there("write ##class(Security.Resources).Exists({target!})"),
        from "H4.3, H4.4";
    "role-role-absent" Roles Medium passes, "A role grants a role that is not there",
        looks at "the roles that roles name, on each side by itself.",
        impact "Whoever holds role {name} on {side} lacks what {target} would give.",
        advice "Create role {target} first, or take it out of {name}: System Administration > Security > Roles.",
        type there("write ##class(Security.Roles).Exists({target!})"),
        from "H4.3";
    "user-different" Users Medium passes, "An account is not the same",
        looks at "roles, start of a session, kind, expiry and login settings of users that both sides have; never passwords.",
        impact "After a failover the account {name} is not the same as before: other rights, another start, or another way to log in.",
        advice "Decide which side is right, then set it on the other: System Administration > Security > Users > {name}.",
        type both("kill p do ##class(Security.Users).Get({name!},.p) write p(\"Enabled\"),\" \",p(\"Roles\")"),
        from "H1.4, H4.2";
    "user-disabled" Users High passes, "A user is disabled on the member only",
        looks at "users that can log in on the primary and are disabled on the member.",
        impact "After a failover {name} cannot log in.",
        advice "Enable the account on the member, unless somebody disabled it there for a reason: System Administration > Security > Users > {name}. Nobody logs in on a backup, so look at its expiry date and at the inactivity limit, or it is disabled again.",
        type member("kill p do ##class(Security.Users).Get({name!},.p) write p(\"Enabled\")"),
        from "H4.2, H9";
    "user-extra" Users Medium passes, "Only the member has the user",
        looks at "users that the member has and the primary lacks; who is made at login by LDAP or delegation does not count.",
        impact "After a failover there is an account {name} that is not there today.",
        advice "Disable or delete the account on the member if nobody answers for it: System Administration > Security > Users.",
        type member("kill p do ##class(Security.Users).Get({name!},.p) write p(\"Enabled\"),\" \",p(\"Roles\")"),
        from "H4.2";
    "user-missing" Users High passes, "A user is missing on the member",
        looks at "users that the primary has and the member lacks; who is made at login by LDAP or delegation does not count.",
        impact "After a failover there is no account {name}, so nobody logs in with it.",
        advice "System Administration > Security > Users > Create New User. A person gets a new password; an account of a service must get the one it has on the primary, or its clients fail after a failover.",
        type member("write ##class(Security.Users).Exists({name!})"),
        from "H1.4, H4.2, H9";
    "user-namespace-absent" Users Low passes, "A user starts in a namespace that is not there",
        looks at "the namespace in which a terminal login starts, on each side by itself.",
        impact "A terminal login of {name} fails on {side}.",
        advice "Set another start namespace, or make {target}: System Administration > Security > Users > {name}.",
        type there("write ##class(%SYS.Namespace).Exists({target!})"),
        from "H4.2";
    "user-role-absent" Users Medium passes, "A user holds a role that is not there",
        looks at "the roles that users name, on each side by itself.",
        impact "On {side} {name} lacks what role {target} would give.",
        advice "Create role {target} first, or take it off the user: System Administration > Security > Users > {name} > Roles.",
        type there("write ##class(Security.Roles).Exists({target!})"),
        from "H4.2, H4.3";
}
