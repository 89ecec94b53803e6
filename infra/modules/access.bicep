// Who may send requests to the app at all. Each function and the credentials say who is answered.

@export()
@description('A rule of App Service.')
type inboundRule = {
  @description('Name of the rule.')
  name: string

  @description('Lower ones are asked first.')
  priority: int

  @description('What is done with a request from there.')
  action: 'Allow'

  @description('Whether `ipAddress` is the name of a service tag.')
  tag: 'Default' | 'ServiceTag'

  @description('A range, or the name of a service tag.')
  ipAddress: string
}

@export()
@description('The rules for service tags and ranges of addresses, in this order.')
func rulesFor(serviceTags string[], ipRanges string[]) inboundRule[] =>
  concat(
    map(range(0, length(serviceTags)), index => {
      name: 'tag-${index}'
      priority: 100 + index
      action: 'Allow'
      tag: 'ServiceTag'
      ipAddress: serviceTags[index]
    }),
    map(range(0, length(ipRanges)), index => {
      name: 'range-${index}'
      priority: 200 + index
      action: 'Allow'
      tag: 'Default'
      ipAddress: ipRanges[index]
    })
  )

@export()
@description('The ranges as they are; fails where one lets in so many that it can only be a mistake.')
func narrow(name string, ranges string[]) string[] =>
  empty(filter(ranges, each => parseCidr(each).cidr < 8)) ? ranges : fail('${name}: no range may be wider than a /8.')
