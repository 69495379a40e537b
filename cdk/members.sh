# How other accounts get the role that the evidence function assumes, for deploy.sh, which sets what is used here.
# shellcheck shell=bash disable=SC2154

# Prints the commands. Names and external IDs may contain commas, so their values are in quotes.
show_members() {
  if [ -z "${setting[externalId]:-}" ]; then
    say "The role in other accounts demands an external ID. Choose one:"
    say "  $command --set externalId=ID"
    return
  fi
  local path="${setting[memberRole]%"${setting[memberRole]##*/}"}"
  say "Create the role in other accounts, once, from the management account of the organization; UNIT is a unit of it, or its root:"
  say "  aws cloudformation create-stack-set --stack-set-name $stack-evidence --template-body file://$folder/member-role.json \\"
  say "    --capabilities CAPABILITY_NAMED_IAM --permission-model SERVICE_MANAGED \\"
  say "    --auto-deployment Enabled=true,RetainStacksOnAccountRemoval=false --parameters \\"
  say "    'ParameterKey=RoleName,ParameterValue=\"${setting[memberRole]##*/}\"' \\"
  if [ -n "$path" ]; then say "    'ParameterKey=RolePath,ParameterValue=\"/$path\"' \\"; fi
  say "    'ParameterKey=TrustedRoleArn,ParameterValue=\"${output[EvidenceRole]}\"' \\"
  say "    'ParameterKey=ExternalId,ParameterValue=\"${setting[externalId]}\"'"
  say "  aws cloudformation create-stack-instances --stack-set-name $stack-evidence --regions $AWS_REGION \\"
  say "    --deployment-targets OrganizationalUnitIds=UNIT"
}
